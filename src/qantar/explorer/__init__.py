"""The explorer: a local page on which January 2022 is looked at, changed and checked.

Read it in this order.

What is asked for
    `asked` (a link and a world as plain values), `link` (reading what anybody may have written).
Who answers
    `server`, `safety`, `routes`, `answers`, `discreet`; behind them `explorer` (the whole without
    HTTP), `parts` (what it is put together from) and `standing` (what is made once).
Who works
    `jobs` (the queue, worked off by `qantar.base.worker_process`), `progress`, `workplace` (the one
    folder), `shelf` (finished worlds).
What a worker does
    `simulate`, with `known`, `recording`, `frames`, `units`, `told`, `whatif_payload`; `worlds`
    reads what it wrote, `downloads` and `facts` make tables of it.
Run directories
    `rundirs` (the list), `openable`, `opening`.
What needs no run
    `country`, `outlines`, `evidence`, `evidence_rows`, `sought`, `causes`, `timeline`, `accounts`,
    `reliability`, `plain`.
The page itself
    ``page``: a module of JavaScript for each thing seen; ``page/texts``: one file a language.
"""

"""The explorer: a local web page for the results of the model, what-ifs and the evidence.

The modules, in reading order:

Requests
    `request` (the state of the page, the world and the evidence that it requests, as plain values;
    texts and numbers that are safe for the page) and `links` (query strings, checked and repaired).
Server
    `server` (ASGI application and socket), `safety` (access control), `routes` (URLs),
    `error_responses`. Behind them `service`: the application without HTTP, and the data that never
    change while it runs.
Jobs
    `jobs` (the queue, run by `qantar.base.worker_process`) and `workdir` (the temporary folder of a
    server, with the cache of finished worlds).
Worlds
    In a worker, `simulate` runs a world, with `context` (pack, evidence and scenarios, loaded
    once), `frames` (quantiles by hour and unit) and `serializers` (payloads). `worlds` reads the
    result and makes tables for download.
Run directories
    `run_directories` (listing, opening and deleting) and `import_run` (frames and payload of a
    run).
Pages that need no run
    `country` (map and names), `accounts` (comparison of accounts), `evidence`, and the
    timeline in `serializers`.
Years
    In a worker, `years` runs the histories month by month and writes one payload.
The page
    ``page``: HTML, styles and JavaScript modules, of which ``page/js/main.js`` has the map; the
    texts are in ``page/texts``, one file per language.
"""

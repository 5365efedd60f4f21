"""The explorer: a local web page that shows January 2022, runs changed worlds and their evidence.

The modules, in reading order:

Requests
    `request` (the state of the page and the world it requests, as plain values) and `links` (query
    strings, checked and repaired).
Server
    `server` (ASGI application and socket), `safety` (access control), `routes` (URLs),
    `error_responses`. Behind them `service`: the application without HTTP, and the data that never
    change while it runs.
Jobs
    `jobs` (the queue, run by `qantar.base.worker_process`), `progress` (reports), `workdir` (the
    temporary folder of a server) and `cache` (finished worlds).
Worlds
    In a worker, `simulate` runs a world, with `context` (pack, evidence and scenarios, loaded
    once), `frames` (quantiles by hour and unit) and `serializers` (payloads). `worlds` reads the
    result and makes tables for download.
Run directories
    `run_directories` (listing, opening and deleting) and `import_run` (frames and payload of a
    run).
Pages that need no run
    `country` (map and names), `accounts` (comparison of accounts), `evidence` with
    `evidence_query`, and the timeline in `serializers`.
Shared
    `json_values`: numbers and texts for JSON, error messages without local paths.
The page
    ``page``: HTML, styles and JavaScript modules, of which ``page/js/main.js`` has the map; the
    texts are in ``page/texts``, one file per language.
"""

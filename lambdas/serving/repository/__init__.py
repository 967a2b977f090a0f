"""The model repository on disk. No other package knows its layout.

::

    candidates/<uuid>/                  being copied or prepared; swept when older than a day
    models/<model>/versions/<version>/  immutable once there: the files, and manifest.json
    models/<model>/current              -> versions/<version>, replaced by rename(2)
    models/<model>/selection.json      what an operator pinned or rolled back
    models/<model>/pending/<digest>.json
    models/<model>/rejected/<digest>.json
    models/<model>/waiting/<version>.json   of many files, and incomplete
    models/<model>/withdrawn/<digest>.json
    models/<model>/.lock                held while `publish` changes the model
    models/.refused/<digest>.json       uploads whose key names no model
    models/.temporary/<uuid>            what is renamed into place; swept as candidates are

The loader sees all of it, by `repository.Repository`. The preparer sees the first line, by
`candidates.Candidates`. Inference sees the rest, read-only, by `model_reader.ModelReader`.

Whatever is killed at any point, a reader finds the old version whole or the new one whole. Files
are copied under `candidates/`, synced, and renamed into place as one folder. `current` and every
record are replaced by a rename.
"""

"""The faces of the pipeline: a command line; later an API and pages."""

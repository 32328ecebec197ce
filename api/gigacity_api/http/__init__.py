"""The HTTP service: routers, schemas, presenters, problems, streams and exports."""

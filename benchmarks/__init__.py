"""Speed and quality, one command: `./run bench [NAMES]`; figures as JSON on stdout."""

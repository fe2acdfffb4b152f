"""A small invented press of June 2012: its outlets, its articles, and the server that serves them on loopback.

press.py reads outlets.toml and articles/; render.py makes pages and feeds.py feeds of them; site.py says what a host
answers; server.py serves it; generate.py makes any number of pages for benchmarks. Imports nothing here: `vigia demo`
needs the folder before it needs the code. README.md tells the rest.
"""

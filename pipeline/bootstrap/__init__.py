"""From settings to wired objects. The only place that knows which part is made of which; nothing connects at import.

Three parts, so that a command loads no more than it needs: `configuration`, `desks` to look, `engine` to crawl.
"""

"""The domain: knows no Celery, no web, no terminal. The flow in ten lines:

    for feed in due(store, clock.now()):            # poll/ decides when
        for entry in poll_feed(flow, feed):         # sources/ reads feeds; known entries cost nothing
            page = fetch_entry(flow, entry)         # fetch/ is polite and guarded
            analysis = analyst.read(page)           # extract, topics, statements, fingerprint: pure
            settle(flow, entry, analysis)           # copy of what? statement new? which rules?
    for delivery in waiting(store, clock.now()):
        deliver_alert(flow, delivery)               # stored before sent

The real thing is in ingest.py; runner/ keeps it going. This file imports nothing.
"""

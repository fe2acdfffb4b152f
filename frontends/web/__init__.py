"""The pages: server-rendered, readable without JavaScript, each with its JSON and CSV twin at the same address.

GET /search?q=...            HTML
GET /search.json?q=...       the desk's answer (or `Accept: application/json` at /search)
GET /search.csv?q=...        the same, flat (or `Accept: text/csv`)

app.py        puts it together          reply.py      one answer -> HTML, JSON or CSV
pages/        a module a noun: ask the desk, reply    languages.py  the interface in the reader's language
office.py     what pages ask            shown.py      what templates show things with
asking.py     a query, read for people  marking.py    texts cut up, for evidence and statements to be marked
sheets.py     answers as rows           visitor.py    who asks
"""

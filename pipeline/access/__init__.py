"""Who may see and change what: people, their passwords, keys that programs carry, and how often anybody may ask.

people.py      accounts, roles, scopes: what they are and what they may be called
passwords.py   which passwords are taken, and how they are kept
keys.py        random keys for sessions and tokens, of which only a hash is stored
throttle.py    how long a login waits after failures; how many requests a caller has left
hosts.py       which Host headers are ours, and which requests a page of another site could have sent

Pure: the clock, randomness and the store are passed in. What is stored: pipeline/storage/{users,sessions,tokens}.py.
"""

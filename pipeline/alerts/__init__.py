"""Standing questions: which rule a new item or statement meets, whether it is news, and how word of it gets out.

    rules -> novelty -> policy (with calendar) -> message -> letter -> channels: deliver, mail, atom, chat

All but the channels is pure. `limits` reads how the file writes spans and hours, `grounds` says why a rule was met.
"""

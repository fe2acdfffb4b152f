"""Standing questions: which rule a new item or statement meets, whether it is news, and how word of it gets out.

rules -> novelty -> message -> deliver. All but `deliver` is pure.
"""

"""Addresses as people write them, and the building or grid they mean.

`reading` brings a text into one form and takes it apart, `sounds` and `likeness` compare names that are spelt wrongly,
`gazetteer` holds every name of a locality, `resolver` answers.
"""

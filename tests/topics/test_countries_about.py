"""Which countries a text is about."""

import pytest


@pytest.mark.parametrize(
    ("title", "text", "codes"),
    [
        ("", "", ()),
        ("", "Nothing here", ()),
        ("", "El Perú", ("PE",)),
        ("", "the PERU meeting", ("PE",)),
        ("", "un diputado peruano", ("PE",)),
        ("", "a Peruvian deputy", ("PE",)),
        ("", "a peruvian deputy", ()),  # English writes its demonyms with a capital, and so does the file
        ("", "Dijo el Palacio de Pizarro", ("PE",)),
        ("", "a lima bean", ()),
        ("", "with chile and give us salt", ()),
        ("", "Give US aid", ("US",)),
        ("", "Us and the U.S. aid", ("US",)),
        ("", "us too", ()),
        ("", "Us too", ()),  # written in capitals only, met in capitals only
        ("", "the united states of mind", ()),
        ("", "He lives in New Mexico", ("US",)),
        ("", "New Mexico, and Mexico", ("MX", "US")),  # a country's name weighs more than a place
        ("Peru", "Mexico " * 2, ("MX", "PE")),
        ("Peru", "Mexico", ("PE", "MX")),
        ("Peru and Peru", "word " * 70 + "Mexico", ("PE", "MX")),
        ("Peru and Peru", "Peru " * 40 + "Mexico", ("PE",)),
        ("", "Santa Fe", ("AR", "US")),  # one name, two countries
        ("", "Santa Fe, Lima", ("PE", "AR", "US")),  # which says less of each
        ("", "la argentina y Argentina", ("AR",)),
    ],
)
def test_countries(topics, title, text, codes):
    assert topics.countries(title, text) == codes

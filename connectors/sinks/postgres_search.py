"""How Postgres indexes a text and reads a query: functions that stand in the schema beside the tables."""

from collections.abc import Iterator

from psycopg.sql import SQL, Composed, Identifier, Literal

from connectors.sinks.search_words import INDEXED

_TITLE = 10_000  # characters of a title

# Stemmers by the language's first subtag (BCP 47), as far as Postgres 14 has them. The others are `simple`.
_STEMMERS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi",
    "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian",
    "nb": "norwegian", "ne": "nepali", "nl": "dutch", "nn": "norwegian", "no": "norwegian",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil",
    "tr": "turkish", "yi": "yiddish",
}  # fmt: skip

# The same as `search_words.py`: marks go, letters that are written for each other become one.
_MARKS = (
    r"[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
    r"\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]+"
)
_LETTERS = ("أإآٱىیئؤةکءـ", "اااايييوهك")  # the last two go
# In a database of the locale C everything beyond ASCII is a letter, and a quotation mark part of its word.
_BETWEEN = (
    r"[\u00a0\u00a1\u00ab\u00b7\u00bb\u00bf\u060c\u061b\u061e\u061f\u066a-\u066d\u06d4"
    r"\u2010-\u2029\u202f-\u205f\u3000-\u3003\u3008-\u3011\u30fb\uff01\uff0c\uff0e\uff1a\uff1b\uff1f]+"
)


def create_functions(schema: Identifier) -> Iterator[Composed]:
    """Yield the statements that create the functions of the first version of the tables."""
    cases = [
        SQL("WHEN {} THEN {}::regconfig").format(tag, f"pg_catalog.{name}") for tag, name in _STEMMERS.items()
    ]
    yield SQL("""
        CREATE FUNCTION {}.naba_config(language text) RETURNS regconfig LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN CASE split_part(language, '-', 1) {} ELSE 'pg_catalog.simple'::regconfig END
    """).format(schema, SQL(" ").join(cases))
    yield SQL("""
        CREATE FUNCTION {}.naba_fold(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN translate(regexp_replace(regexp_replace(words, {}, '', 'g'), {}, ' ', 'g'), {}, {})
    """).format(schema, _MARKS, _BETWEEN, *_LETTERS)
    # Within two characters a text may hold a new word, and a word of an address counts three times: no number
    # of characters keeps every text under the limit of a tsvector (1 MiB), so it is tried.
    body = SQL("""
        DECLARE
            characters integer := {indexed};
        BEGIN
            LOOP
                BEGIN
                    RETURN setweight(to_tsvector({schema}.naba_config(language),
                                                 {schema}.naba_fold(left(coalesce(title, ''), {title}))), 'A')
                        || to_tsvector({schema}.naba_config(language),
                                       {schema}.naba_fold(left(body, characters)));
                EXCEPTION WHEN program_limit_exceeded THEN
                    characters := characters / 2;
                END;
            END LOOP;
        END
    """).format(schema=schema, indexed=INDEXED, title=_TITLE)
    yield SQL("""
        CREATE FUNCTION {}.naba_index(language text, title text, body text) RETURNS tsvector
        LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS {}
    """).format(schema, Literal(body.as_string()))
    yield SQL("""
        CREATE FUNCTION {schema}.naba_query(language text, words text) RETURNS tsquery
        LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN websearch_to_tsquery({schema}.naba_config(language), {schema}.naba_fold(words))
    """).format(schema=schema)

"""syncagent: who has which official mail account, decided by document, signed by people, carried out once."""

__version__ = "0.1.0"

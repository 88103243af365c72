"""The tables of the state. Alembic migrations create them; queries elsewhere in this room use them."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Moments are ISO 8601 in UTC, days are ISO dates: text sorts right and reads the same in every database.

meta = Table(
    "meta",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)

plans = Table(
    "plans",
    metadata,
    Column("plan_id", String(40), primary_key=True),
    Column("serial", Integer, nullable=False, unique=True),
    Column("digest", String(80), nullable=False),
    Column("created_at", String(40), nullable=False),
    Column("as_of", String(10), nullable=False),
    Column("actions", Integer, nullable=False),
    Column("record", LargeBinary, nullable=False),  # the published form with skips, zlib-compressed
    Column("previous", String(80), nullable=False, server_default=""),  # digest of the plan before it
    Column("key_id", String(64), nullable=False, server_default=""),
    Column("signature", Text, nullable=False, server_default=""),  # of the record before it was compressed, base64
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("plan_id", String(40), ForeignKey("plans.plan_id"), nullable=False),
    Column("digest", String(80), nullable=False),
    Column("verdict", String(10), nullable=False),  # approve | reject
    Column("by", String(200), nullable=False),
    Column("at", String(40), nullable=False),
    Column("order_number", String(200), nullable=False),
    Column("reason", Text, nullable=False),
    Column("actions", Text, nullable=False),  # JSON: ids approved
    Column("named", Text, nullable=False),  # JSON: ids the approver named one by one
    Column("accepted", Text, nullable=False),  # JSON: brake → exact count
    Column("envelope", Text, nullable=False, server_default=""),  # DSSE: what was signed, and the signature
)

journal = Table(
    "journal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("plan_id", String(40), ForeignKey("plans.plan_id"), nullable=False),
    Column("action_id", String(20), nullable=False),
    Column("state", String(20), nullable=False),  # intent | done | conflict | failed | unknown | not-tried
    Column("at", String(40), nullable=False),
    Column("says_vi", Text, nullable=False),
    Column("says_en", Text, nullable=False),
    Column("guid", String(64), nullable=False),
    Column("dn", Text, nullable=False),
    Column("epoch", Integer, nullable=False, server_default="0"),  # of the lease under which it was written
    UniqueConstraint("plan_id", "action_id", "state"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("target", String(80), primary_key=True),
    Column("guid", String(64), primary_key=True),
    Column("subject", String(200), nullable=False),
    Column("stamp", Text, nullable=False),
)

rights = Table(
    "rights",
    metadata,
    Column("target", String(80), primary_key=True),
    Column("guid", String(64), primary_key=True),  # of the account that lost them
    Column("entry", String(64), primary_key=True),  # of the group or mailbox where they stood
    Column("attribute", String(80), primary_key=True),
    Column("dn", Text, nullable=False),
)

kept = Table(
    "kept",
    metadata,
    Column("target", String(80), primary_key=True),
    Column("guid", String(64), primary_key=True),  # of the account whose mailbox was closed
    Column("properties", Text, nullable=False),  # what they held before, as JSON: name to values
)

addresses = Table(
    "addresses",
    metadata,
    Column("address", String(320), primary_key=True),  # in folded form
    Column("owner", String(200), nullable=False),  # a subject, or account:GUID
)

holds = Table(
    "holds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject", String(320), nullable=False),
    Column("document", String(200), nullable=False),
    Column("placed_by", String(200), nullable=False),
    Column("placed_at", String(40), nullable=False),
    Column("released_by", String(200), nullable=False),
    Column("released_at", String(40), nullable=False),  # empty while the hold stands
    Index("ix_holds_subject", "subject"),
)

fulfilled = Table(
    "fulfilled",
    metadata,
    Column("request_id", String(200), primary_key=True),
    Column("plan_id", String(40), ForeignKey("plans.plan_id"), nullable=False),
    Column("action_id", String(20), nullable=False),
    Column("day", String(10), nullable=False),  # the day that counted as today
    Column("did", String(20), nullable=False, server_default=""),  # the kind of that action, empty before 0011
)

requests = Table(
    "requests",
    metadata,
    Column("request_id", String(200), primary_key=True),
    Column("received_on", String(10), nullable=False),
    Column("channel", String(200), nullable=False),
    Column("from_unit", String(200), nullable=False),
    Column("from_address", String(320), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("subject", String(320), nullable=False),
    Column("value", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("document_number", String(200), nullable=False),
    Column("document_date", String(10), nullable=False),  # empty where there is none, as the other two days
    Column("until", String(10), nullable=False),
    Column("recorded_by", String(200), nullable=False),
    Column("recorded_at", String(40), nullable=False),
)

answers = Table(
    "answers",
    metadata,
    Column("request_id", String(200), primary_key=True),  # of a recorded request, or of one in the roster's file
    Column("sent_on", String(10), nullable=False),
    Column("how", String(200), nullable=False),
    Column("document_number", String(200), nullable=False),
    Column("by", String(200), nullable=False),
    Column("recorded_at", String(40), nullable=False),
)

baselines = Table(
    "baselines",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", String(80), nullable=False),
    Column("at", String(40), nullable=False),
    Column("record", LargeBinary, nullable=False),  # who was in which unit, zlib-compressed JSON
    Column("signature", Text, nullable=False, server_default=""),  # of the agent, base64
)

acceptances = Table(
    "acceptances",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", String(80), nullable=False),
    Column("by", String(200), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", String(40), nullable=False),
    Column("used_at", String(40), nullable=False),  # empty until a plan passed with it
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("verb", String(20), nullable=False),
    Column("plan_id", String(40), nullable=False),
    Column("started_at", String(40), nullable=False),
    Column("ended_at", String(40), nullable=False),
    Column("summary", Text, nullable=False),  # JSON: counts by result
)

approvers = Table(
    "approvers",
    metadata,
    Column("key_id", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("public_key", String(64), nullable=False),  # Ed25519, hex
    Column("added_by", String(200), nullable=False),
    Column("added_at", String(40), nullable=False),
    Column("revoked_by", String(200), nullable=False),
    Column("revoked_at", String(40), nullable=False),  # empty while the key counts
    Column("signature", Text, nullable=False),  # of the agent, over all of this, base64
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3 … without a gap
    Column("at", String(40), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("body", Text, nullable=False),  # JSON: the exact bytes that were hashed
    Column("hash", String(64), nullable=False),  # of the hash before it, and of this record
    Index("ix_audit_kind", "kind"),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("size", Integer, nullable=False),  # how many records it speaks of
    Column("hash", String(64), nullable=False),
    Column("at", String(40), nullable=False),
    Column("envelope", Text, nullable=False),  # DSSE: signed by the agent
)

officers = Table(
    "officers",
    metadata,
    Column("key_id", String(64), primary_key=True),
    Column("unit", String(200), nullable=False),
    Column("name", String(200), nullable=False),
    Column("public_key", String(64), nullable=False),  # X25519, hex
    Column("added_by", String(200), nullable=False),
    Column("added_at", String(40), nullable=False),
    Column("revoked_by", String(200), nullable=False),
    Column("revoked_at", String(40), nullable=False),  # empty while passwords are sealed to it
    Column("signature", Text, nullable=False),  # of the agent, over the entry
)

handovers = Table(
    "handovers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("plan_id", String(40), ForeignKey("plans.plan_id"), nullable=False),
    Column("action_id", String(20), nullable=False),
    Column("target", String(80), nullable=False),
    Column("unit", String(200), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("address", String(320), nullable=False),
    Column("key_id", String(64), nullable=False),  # of the officer it is sealed to
    Column("sealed", LargeBinary, nullable=False),
    Column("sealed_at", String(40), nullable=False),
    Column("expires_at", String(40), nullable=False),
    Column("opened_by", String(200), nullable=False),
    Column("opened_at", String(40), nullable=False),  # empty until it was opened, once
    Column("void_at", String(40), nullable=False),  # empty while the password may be the one in force
    Index("ix_handovers_plan_id", "plan_id", "action_id"),
)

sightings = Table(
    "sightings",
    metadata,
    Column("target", String(80), primary_key=True),
    Column("guid", String(64), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("since", String(10), nullable=False),
    Column("runs", Integer, nullable=False),  # how many runs saw the account in this state since that day
    Column("seen_at", String(40), nullable=False),
)

rulings = Table(
    "rulings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("system", String(80), nullable=False),
    Column("about", String(320), nullable=False),  # an old address in folded form, or the key of an old unit
    Column("choice", String(20), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("document", String(200), nullable=False),
    Column("unit", String(200), nullable=False),  # that answered
    Column("by", String(200), nullable=False),
    Column("recorded_at", String(40), nullable=False),
)

ends = Table(
    "ends",
    metadata,
    Column("system", String(80), primary_key=True),
    Column("guid", String(320), primary_key=True),
    Column("record", Text, nullable=False),  # JSON: what the last plan of a wave made of the account
)

mails = Table(
    "mails",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("system", String(80), nullable=False),
    Column("guid", String(320), nullable=False),
    Column("record", Text, nullable=False),  # JSON: what became of its mail, folder by folder
    Column("by", String(200), nullable=False),
    Column("recorded_at", String(40), nullable=False),
    Index("ix_mails_system", "system", "guid"),
)

legacy = Table(
    "legacy",
    metadata,
    Column("system", String(80), primary_key=True),
    Column("guid", String(320), primary_key=True),
    Column("address", String(320), nullable=False),
    Column("seen_on", String(10), nullable=False),  # the day of the first plan that knew it
)

sessions = Table(
    "sessions",
    metadata,
    Column("token", String(64), primary_key=True),  # SHA-256 of the id that only the browser has
    Column("guid", String(64), nullable=False),
    Column("record", Text, nullable=False),  # JSON: whose it is, and what their groups let them do
    Column("began_at", String(40), nullable=False),
    Column("seen_at", String(40), nullable=False),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("who", String(80), nullable=False),  # a keyed hash of an account's name or of an address
    Column("at", String(40), nullable=False),
    Index("ix_attempts_who", "who", "at"),
)

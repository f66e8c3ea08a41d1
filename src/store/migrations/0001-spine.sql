-- Homeserver transactions, byte for byte. `raw` is bytea because jsonb refuses U+0000, which homeservers accept.
create table inbox (
  id bigint generated always as identity primary key,
  txn_id text not null,
  sha256 bytea not null,
  raw bytea not null,
  received_at timestamptz not null default now(),
  routed_at timestamptz,
  unique (txn_id, sha256)
);
create index inbox_unrouted on inbox (id) where routed_at is null;
create index inbox_routed on inbox (routed_at) where routed_at is not null;

-- Every Matrix event that was ever routed, with what became of it: the dedupe table and the answer to "where is it?".
create table event (
  event_id text primary key,
  room_id text not null,
  type text not null,
  sender text not null,
  outcome text not null,
  reason text,
  seen_at timestamptz not null default now()
);
create index event_seen on event (seen_at);

create table login (
  id bigint generated always as identity primary key,
  owner text not null,
  network text not null,
  account text not null,
  name text not null,
  state text not null,
  state_text text,
  created_at timestamptz not null default now(),
  unique (owner, network, account)
);

-- Secrets of a login, sealed with the installation's key.
create table session (
  login_id bigint not null references login on delete cascade,
  key text not null,
  value bytea not null,
  primary key (login_id, key)
);

create table portal (
  id bigint generated always as identity primary key,
  network text not null,
  chat_id text not null,
  receiver bigint references login,
  type text not null,
  name text,
  topic text,
  room_id text unique,
  relay boolean not null default false,
  settings text not null default '{}',
  created_at timestamptz not null default now()
);
create unique index portal_key on portal (network, chat_id, coalesce(receiver, 0));

create table delivery (
  id bigint generated always as identity primary key,
  direction text not null,
  portal_id bigint not null references portal,
  source_id text not null,
  part integer not null default 0,
  kind text not null,
  sender text not null,
  body bytea not null,
  state text not null default 'queued',
  attempts integer not null default 0,
  progress bytea,
  not_before timestamptz,
  waits_for text,
  target_id text,
  error_code text,
  error_text text,
  -- The sender has been shown a failure, and so must be shown a later success.
  told boolean not null default false,
  at timestamptz not null,
  created_at timestamptz not null default now(),
  first_attempt_at timestamptz,
  finished_at timestamptz,
  unique (direction, portal_id, source_id, part, kind)
);
create index delivery_unfinished on delivery (direction, portal_id, id) where state in ('queued', 'sending', 'parked');
create index delivery_finished on delivery (finished_at) where finished_at is not null;
create index delivery_failed on delivery (id) where state in ('rejected', 'unknown', 'expired');

-- What is what on both sides, per part.
create table message (
  portal_id bigint not null references portal,
  remote_id text not null,
  part integer not null,
  event_id text not null,
  direction text not null,
  sender text not null,
  at timestamptz not null,
  excerpt text,
  primary key (portal_id, remote_id, part)
);
create index message_event on message (event_id);
create index message_newest on message (portal_id, at);

create table reaction (
  portal_id bigint not null references portal,
  event_id text not null,
  target_event_id text not null,
  sender text not null,
  key text not null,
  remote_id text,
  primary key (portal_id, event_id)
);
create index reaction_target on reaction (portal_id, target_event_id, sender, key);

create table poll (
  event_id text primary key,
  portal_id bigint not null references portal,
  number integer not null,
  question text not null,
  options text not null,
  max_selections integer not null,
  creator text not null,
  closed_at timestamptz,
  unique (portal_id, number)
);

create table poll_vote (
  poll_event_id text not null references poll on delete cascade,
  voter text not null,
  option_ids text not null,
  at timestamptz not null,
  primary key (poll_event_id, voter)
);

create table ghost (
  id bigint generated always as identity primary key,
  network text not null,
  remote_id text not null,
  user_id text not null unique,
  name text,
  synced_name text,
  registered_at timestamptz,
  unique (network, remote_id)
);

-- Any id of a person leads to the one ghost.
create table ghost_alias (
  network text not null,
  alias_id text not null,
  ghost_id bigint not null references ghost,
  primary key (network, alias_id)
);

-- What a login's address book calls somebody.
create table contact (
  login_id bigint not null references login on delete cascade,
  ghost_id bigint not null references ghost,
  name text not null,
  primary key (login_id, ghost_id)
);

-- A Matrix device per sender: the homeserver repeats an answer for a transaction id only per device.
create table device (
  user_id text primary key,
  created_at timestamptz not null
);

create table registered (
  user_id text primary key
);

create table media (
  key text primary key,
  mxc text not null,
  uploaded_at timestamptz,
  created_at timestamptz not null default now()
);

-- Long texts that a network cannot carry, behind a signed link.
create table paste (
  id text primary key,
  body text not null,
  created_at timestamptz not null default now()
);

-- A few values of the installation itself: signing key, control room, what was told to whom.
create table setting (
  key text primary key,
  value bytea not null
);

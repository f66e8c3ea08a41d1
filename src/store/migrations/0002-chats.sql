-- A name stays, empty, until the room that shows it has lost it too. `shown` is what that room was last given.
alter table contact alter column name drop not null;
alter table contact add column shown text;

-- Where a network allows so many reactions each, one more takes the place of the oldest.
alter table reaction add column at timestamptz not null default now();

-- `handle` is shown while no public name is known; `avatar` is the network's id of the picture that is shown.
alter table ghost add column handle text;
alter table ghost add column avatar text;

-- Ids under which a conversation was known before: whatever still comes under them is about the same room.
create table portal_alias (
  network text not null,
  chat_id text not null,
  receiver bigint references login,
  portal_id bigint not null references portal
);
create unique index portal_alias_key on portal_alias (network, chat_id, coalesce(receiver, 0));
create index portal_alias_portal on portal_alias (portal_id);

-- The conversation that this one is a part of, as a topic of a forum is.
alter table portal add column parent_id text;
alter table portal add column parent_name text;

-- Spaces that are no conversations: one for each login, with its rooms.
create table space (
  key text primary key,
  room_id text not null
);

-- Two ghosts that turned out to be one person: the older goes on, and all ids lead to it.
alter table ghost add column merged_into bigint references ghost;

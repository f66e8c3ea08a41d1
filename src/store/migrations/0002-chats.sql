-- A name stays, empty, until the room that shows it has lost it too. `shown` is what that room was last given.
alter table contact alter column name drop not null;
alter table contact add column shown text;

-- Where a network allows so many reactions each, one more takes the place of the oldest.
alter table reaction add column at timestamptz not null default now();

-- `handle` is shown while no public name is known; `avatar` is the network's id of the picture that is shown.
alter table ghost add column handle text;
alter table ghost add column avatar text;

-- A name stays, empty, until the room that shows it has lost it too. `shown` is what that room was last given.
alter table contact alter column name drop not null;
alter table contact add column shown text;

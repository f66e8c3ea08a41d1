-- Where somebody on Matrix shares where they are. `begun_by` is the row that said so, `first_delivery` the row that brought the first place to the network;
-- what comes after is told by editing that one. Gone when it ends: where people were is nobody's business afterwards.
create table live_location (
  event_id text primary key,
  portal_id bigint not null references portal,
  sender text not null,
  begun_by bigint not null,
  until timestamptz not null,
  name text,
  first_delivery bigint,
  latitude double precision,
  longitude double precision
);
create index live_location_of on live_location (portal_id, sender);

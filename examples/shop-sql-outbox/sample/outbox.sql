CREATE TABLE shop_outbox (
  id bigserial PRIMARY KEY,
  payload jsonb NOT NULL
);
INSERT INTO shop_outbox (payload) VALUES
  ('{"changeId":"ch-1","kind":"customer.changed","at":"2026-08-21T10:15:30Z","customer":{"id":7,"email":"Ann@Example.com","plan":"pro","since":"2020-01-01T00:00:00Z"}}'),
  ('{"changeId":"ch-2","kind":"order.placed","at":"2026-08-21T10:16:00Z","customer":{"id":7},"order":{"id":"77","total":1234567890.10,"coupon":null}}'),
  ('{"changeId":"ch-3","kind":"customer.removed","at":"2026-08-21T11:00:00Z","customer":{"id":8}}'),
  ('{"changeId":"ch-4","kind":"stock.changed","at":"2026-08-21T11:00:00Z","sku":"A-1"}');

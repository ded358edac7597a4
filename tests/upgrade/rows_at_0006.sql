INSERT INTO identifications (id, instance_id, user_id, kind, value, canonical, claimed, reserved, is_primary, created_at, updated_at)
VALUES ('idn_2', 'ins_1', 'user_1', 'email_address', 'ada+2@example.com', 'ada+2@example.com', TRUE, FALSE, FALSE, 1, 2);
INSERT INTO identifications (id, instance_id, user_id, kind, value, canonical, claimed, reserved, is_primary, created_at, updated_at)
VALUES ('idn_3', 'ins_1', 'user_1', 'email_address', 'a.da-x@yahoo.com', 'a.da-x@yahoo.com', TRUE, FALSE, FALSE, 1, 2);
INSERT INTO identifications (id, instance_id, user_id, kind, value, canonical, claimed, reserved, is_primary, created_at, updated_at)
VALUES ('idn_4', 'ins_1', 'user_1', 'email_address', 'a.d.a@googlemail.com', 'a.d.a@googlemail.com', TRUE, FALSE, FALSE, 1, 2);
INSERT INTO identifications (id, instance_id, user_id, kind, value, canonical, claimed, reserved, is_primary, created_at, updated_at)
VALUES ('idn_5', 'ins_1', 'user_1', 'phone_number', '+12025550143', '+12025550143', TRUE, FALSE, FALSE, 1, 2);

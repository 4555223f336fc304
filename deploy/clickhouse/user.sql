-- One user with its roles. The password itself is nowhere in it: only its salted
-- hash.
CREATE USER IF NOT EXISTS {{.Name}} {{.OnCluster}} IDENTIFIED WITH sha256_hash BY '{{.Hash}}' SALT '{{.Salt}}';
ALTER USER {{.Name}} {{.OnCluster}} IDENTIFIED WITH sha256_hash BY '{{.Hash}}' SALT '{{.Salt}}';
GRANT {{.OnCluster}} {{.Roles}} TO {{.Name}};

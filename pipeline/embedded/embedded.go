// Package embedded runs a Kafka broker and the ClickHouse engine on one machine
// with nothing installed, so that the pipeline needs only their addresses and
// does not know that they are embedded. The broker is franz-go's kfake on a
// data directory, in this process or in a child; the engine is libchdb.so in a
// child process that serves ClickHouse's HTTP interface on loopback. Neither
// replaces a cluster: there is one broker, one engine, and one user.
//
// Package cmd and the tests of other packages (by embeddedtest) call it. A
// program that starts children calls RunChild first thing in main.
package embedded

package realkafka

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Secure is one more listener of a broker, with TLS and users: what a customer's
// cluster has. The listener without both stays, for the broker itself.
type Secure struct {
	// Keystore is a PEM file with the broker's key (PKCS#8) and its certificates.
	Keystore string
	// Users are the users with their passwords, by SCRAM-SHA-512, SCRAM-SHA-256 and
	// PLAIN alike.
	Users map[string]string
}

// SecureAddr is the address of the listener with TLS and users.
func (b *Broker) SecureAddr() string { return fmt.Sprintf("127.0.0.1:%d", b.secure) }

// properties come after the others: of two lines with one key the last holds.
func (s *Secure) properties(port, control, secure int) []string {
	listeners := fmt.Sprintf("PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d,SECURE://127.0.0.1:%d", port, control, secure)
	var plain strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s.Users)) {
		fmt.Fprintf(&plain, " user_%s=%q", name, s.Users[name])
	}
	const module = "org.apache.kafka.common.security."
	return []string{
		"listeners=" + listeners,
		"advertised.listeners=" + listeners,
		"listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL",
		"ssl.keystore.type=PEM",
		"ssl.keystore.location=" + s.Keystore,
		"listener.name.secure.sasl.enabled.mechanisms=SCRAM-SHA-512,SCRAM-SHA-256,PLAIN",
		"listener.name.secure.scram-sha-512.sasl.jaas.config=" + module + "scram.ScramLoginModule required;",
		"listener.name.secure.scram-sha-256.sasl.jaas.config=" + module + "scram.ScramLoginModule required;",
		"listener.name.secure.plain.sasl.jaas.config=" + module + "plain.PlainLoginModule required" + plain.String() + ";",
		"",
	}
}

// format are the arguments by which the storage knows the users from the start.
func (s *Secure) format() []string {
	var arguments []string
	for _, name := range slices.Sorted(maps.Keys(s.Users)) {
		for _, mechanism := range []string{"SCRAM-SHA-512", "SCRAM-SHA-256"} {
			arguments = append(arguments, "--add-scram", fmt.Sprintf("%s=[name=%s,password=%s]", mechanism, name, s.Users[name]))
		}
	}
	return arguments
}

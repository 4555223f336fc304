// Package pack writes and verifies evidence packs: a ZIP with the files of a
// case, their statements, the proofs that these are in the sealed log, who saw
// and decided what, and the report for people. A pack is verified offline, by
// the pack and the public key alone; docs/evidence.md has the format, so that
// others can write a verifier.
//
// The package knows no database: what goes into a pack comes by Contents.
package pack

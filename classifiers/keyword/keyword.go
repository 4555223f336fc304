// Package keyword matches keyword lists, written by operators in YAML, against
// posts: it reads, checks and compiles the lists, finds all phrases of all
// rules in one pass over a text's tokens, and says which rules hold and on
// which words they rest.
//
// It knows no election and no grammar. Where the contestants, their numbers and
// parties stand in a post, and what is negated, is given to it by the target
// resolver and the speech-act analysis, which register their own phrases in the
// same matcher. It gives no verdict: the classifier above weighs the hits.
//
// The steps: NewBuilder, register phrases (Compile does so for lists), Freeze;
// then for each post Matcher.Analyze, Matcher.Match, Compiled.Evaluate.
package keyword

package ngrams

//go:generate go run ./internal/convert models id en ms

package graph

// LimitOf is for the fuzz test.
var LimitOf = limitOf

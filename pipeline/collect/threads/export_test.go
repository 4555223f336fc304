package threads

// ItemOf is for the fuzz test.
var ItemOf = itemOf

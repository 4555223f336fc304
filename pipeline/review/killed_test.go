package review_test

func runKilled() {}

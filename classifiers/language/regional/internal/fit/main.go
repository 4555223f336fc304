// Command fit fits the shipped language model anew from the training data:
//
//	go run ./classifiers/language/regional/internal/fit ../shared/data classifiers/language/regional/model.bin.gz
package main

import (
	"fmt"
	"os"

	"github.com/netra-id/netra/classifiers/language/regional"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: fit DATA-FOLDER MODEL-FILE")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "fit:", err)
		os.Exit(1)
	}
}

func run(data, target string) error {
	samples, err := regional.ReadSamples(data)
	if err != nil {
		return err
	}
	model, err := regional.Train(samples, regional.DefaultTrainingOptions())
	if err != nil {
		return err
	}
	file, err := os.Create(target)
	if err != nil {
		return err
	}
	if err := model.Write(file); err != nil {
		_ = file.Close()
		return err
	}
	return file.Close()
}

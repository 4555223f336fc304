package main

import (
	"fmt"

	"github.com/netra-id/netra/classifiers/claims"
	"github.com/netra-id/netra/classifiers/judge"
	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/classifiers/language"
	"github.com/netra-id/netra/classifiers/linear"
	"github.com/netra-id/netra/pipeline/config"
	"github.com/netra-id/netra/pipeline/roster"
)

// newClassifier builds the classifier that the settings ask for.
func (a *app) newClassifier(settings config.Classify) (*judge.Judge, error) {
	elections, err := a.elections(settings)
	if err != nil {
		return nil, err
	}
	return a.classifierFor(elections, settings)
}

// exampleClassifier is the classifier for the examples of keyword lists: with
// the contestants of the settings, or else an example election.
func (a *app) exampleClassifier(settings config.Classify) (*judge.Judge, error) {
	if settings.Contestants == "" {
		return a.classifierFor(judge.ExampleElections(), settings)
	}
	return a.newClassifier(settings)
}

func (a *app) classifierFor(elections *roster.Elections, settings config.Classify) (*judge.Judge, error) {
	models, err := linear.Default()
	if err != nil {
		return nil, fmt.Errorf("load the linear models: %w", err)
	}
	fusion, err := judge.DefaultFusion()
	if err != nil {
		return nil, err
	}
	return a.classifierWith(elections, settings, models, fusion)
}

func (a *app) classifierWith(elections *roster.Elections, settings config.Classify, models *linear.Set, fusion judge.FusionFile) (*judge.Judge, error) {
	lists, err := a.lists(settings)
	if err != nil {
		return nil, err
	}
	known, err := a.claims(settings)
	if err != nil {
		return nil, err
	}
	identifier, err := language.New(language.DefaultConfiguration())
	if err != nil {
		return nil, fmt.Errorf("load the language models: %w", err)
	}
	return judge.New(judge.Configuration{
		Elections: elections, Lists: lists, Language: identifier, Models: models, Claims: known, Fusion: fusion,
		Thresholds: settings.Thresholds,
	})
}

// elections reads the contestants file; without one there is no election, so
// nobody can be supported or attacked.
func (a *app) elections(settings config.Classify) (*roster.Elections, error) {
	if settings.Contestants == "" {
		return &roster.Elections{}, nil
	}
	return roster.ReadElections(settings.Contestants)
}

func (a *app) lists(settings config.Classify) (*keyword.Set, error) {
	if settings.Keywords == "" {
		return keyword.Default()
	}
	return keyword.LoadDir(settings.Keywords)
}

func (a *app) claims(settings config.Classify) (*claims.Index, error) {
	if settings.Claims == "" {
		return claims.Default()
	}
	return claims.Load(settings.Claims)
}

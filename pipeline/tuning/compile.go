package tuning

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/netra-id/netra/classifiers/claims"
	"github.com/netra-id/netra/classifiers/judge"
	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/classifiers/language"
	"github.com/netra-id/netra/classifiers/linear"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/roster"
	"github.com/netra-id/netra/pipeline/strict"
)

// Compiler makes classifiers of bundles. It reads the language models once, so
// that compiling another version is quick. It is safe for concurrent use.
type Compiler struct {
	language *language.Identifier
}

// NewCompiler loads the language models.
func NewCompiler() (*Compiler, error) {
	identifier, err := language.New(language.DefaultConfiguration())
	if err != nil {
		return nil, fmt.Errorf("load the language models: %w", err)
	}
	return &Compiler{language: identifier}, nil
}

// Compiled is a bundle that compiles.
type Compiled struct {
	// Version is the bundle's id.
	Version    string
	Judge      *judge.Judge
	Lists      *keyword.Set
	Elections  *roster.Elections
	Thresholds map[post.Label]float64
	Claims     []claims.Claim
	models     *linear.Set
	fusion     judge.FusionFile
}

// Compile reads a bundle and builds its classifier. Its error joins all that is
// wrong in the files, each with file, line, key, value and what is allowed.
func (c *Compiler) Compile(b Bundle) (*Compiled, error) {
	compiled, err := read(b)
	if err != nil {
		return nil, err
	}
	compiled.Judge, err = c.judge(compiled, compiled.Elections)
	if err != nil {
		return nil, fmt.Errorf("compile the lists: %w", err)
	}
	return compiled, nil
}

// judge builds the classifier with the elections given: those of the bundle, or
// the example's.
func (c *Compiler) judge(of *Compiled, elections *roster.Elections) (*judge.Judge, error) {
	return judge.New(judge.Configuration{
		Elections: elections, Lists: of.Lists, Language: c.language, Models: of.models,
		Claims: claims.Build(of.Claims), Fusion: of.fusion, Thresholds: of.Thresholds, Version: of.Version,
	})
}

// read parses every file of a bundle.
func read(b Bundle) (*Compiled, error) {
	compiled := &Compiled{Version: b.ID()}
	var errs [5]error
	compiled.Lists, errs[0] = readLists(b)
	compiled.Elections, errs[1] = readElections(b)
	compiled.Thresholds, errs[2] = readThresholds(b)
	compiled.Claims, errs[3] = readClaims(b)
	compiled.models, compiled.fusion, errs[4] = readModels(b)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	return compiled, nil
}

func readLists(b Bundle) (*keyword.Set, error) {
	files := listFiles(b)
	if len(files) == 0 {
		return keyword.Default()
	}
	return keyword.Parse(files...)
}

func listFiles(b Bundle) []keyword.File {
	var files []keyword.File
	for _, name := range b.Paths() {
		if strings.HasPrefix(name, KeywordsFolder+"/") {
			files = append(files, keyword.File{Name: name, Data: b.files[name]})
		}
	}
	return files
}

func readElections(b Bundle) (*roster.Elections, error) {
	data, ok := b.Read(ContestantsFile)
	if !ok {
		return &roster.Elections{}, nil
	}
	return roster.ParseElections(ContestantsFile, data)
}

// thresholds is the file of thresholds.
type thresholds struct {
	Thresholds map[string]float64 `yaml:"thresholds"`
}

func readThresholds(b Bundle) (map[post.Label]float64, error) {
	data, ok := b.Read(ThresholdsFile)
	if !ok {
		return nil, nil
	}
	var file thresholds
	document, err := strict.Decode(ThresholdsFile, data, &file)
	if err != nil {
		return nil, err
	}
	limits := make(map[post.Label]float64, len(file.Thresholds))
	var errs []error
	for name, limit := range file.Thresholds {
		key := "thresholds." + name
		if !slices.Contains(post.Labels, post.Label(name)) {
			errs = append(errs, document.Errorf(key, name, "the labels %s", strings.Join(post.LabelNames(), ", ")))
		}
		if !(limit > 0 && limit <= 1) {
			errs = append(errs, document.Errorf(key, fmt.Sprint(limit), "a number above 0 and at most 1"))
		}
		limits[post.Label(name)] = limit
	}
	return limits, errors.Join(errs...)
}

func readClaims(b Bundle) ([]claims.Claim, error) {
	data, ok := b.Read(ClaimsFile)
	if !ok {
		data = claims.DefaultFile()
	}
	return claims.Parse(ClaimsFile, bytes.NewReader(data))
}

func readModels(b Bundle) (*linear.Set, judge.FusionFile, error) {
	weights, ok := b.Read(WeightsFile)
	fused, both := b.Read(FusionFile)
	if ok != both {
		return nil, judge.FusionFile{}, fmt.Errorf("%s and %s belong together: allowed: both or none", WeightsFile, FusionFile)
	}
	if !ok {
		models, err := linear.Default()
		if err != nil {
			return nil, judge.FusionFile{}, err
		}
		fusion, err := judge.DefaultFusion()
		return models, fusion, err
	}
	models, err := linear.Open(weights)
	if err != nil {
		return nil, judge.FusionFile{}, fmt.Errorf("%s: %w", WeightsFile, err)
	}
	var fusion judge.FusionFile
	if err := json.Unmarshal(fused, &fusion, json.RejectUnknownMembers(true)); err != nil {
		return nil, judge.FusionFile{}, fmt.Errorf("%s: %w", FusionFile, err)
	}
	return models, fusion, nil
}

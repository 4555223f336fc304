// Package judge gives the verdict: it reads a post once and joins what the
// other classifiers say of it. The keyword rules say where trigger words stand
// beside whom; the target resolver, who is meant; the speech-act reading, how
// much of a rule's weight stands; the linear models, how the whole text reads;
// the claims, which known falsehood it repeats. Each label gets one score from
// all of them, with the reasons that carried it.
//
// It is the classifiers.Classifier that the worker, the classify command, the
// evaluation and the back-test use. It does no I/O; its configuration is built
// by the caller.
package judge

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"runtime"

	"github.com/go-json-experiment/json"

	"github.com/netra-id/netra/classifiers/act"
	"github.com/netra-id/netra/classifiers/claims"
	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/classifiers/language"
	"github.com/netra-id/netra/classifiers/linear"
	"github.com/netra-id/netra/classifiers/target"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/roster"
	"github.com/netra-id/netra/pipeline/version"
)

// Configuration is all that a verdict rests on.
type Configuration struct {
	Elections *roster.Elections
	Lists     *keyword.Set
	Language  *language.Identifier
	Models    *linear.Set
	Claims    *claims.Index
	// Fusion says how the models count together with rules and claims; it was
	// fitted with these models.
	Fusion FusionFile
	// Thresholds say from which score on a label flags; a label without one has
	// that of the fusion.
	Thresholds map[post.Label]float64
	// Version names lists, contestants, thresholds and claims in the verdicts;
	// where it is empty, their digest does.
	Version string
}

// Judge is a classifiers.Classifier.
type Judge struct {
	matcher    *keyword.Matcher
	cues       keyword.Space
	targets    keyword.Space
	resolver   *target.Resolver
	rules      *keyword.Compiled
	language   *language.Identifier
	models     *linear.Set
	lanes      lanes
	claims     *claims.Index
	fusion     *fusion
	thresholds [labels]float64
	bound      *bound
	attributes *attributes
	versions   post.Versions
	scratch    scratches
}

// New compiles a configuration.
func New(cfg Configuration) (*Judge, error) {
	j := &Judge{
		language: cfg.Language, models: cfg.Models, claims: cfg.Claims, lanes: lanesOf(cfg.Models),
		scratch: scratches{most: runtime.GOMAXPROCS(0)},
	}
	j.attributes = newAttributes()
	builder := keyword.NewBuilder()
	j.cues = builder.NewSpace()
	err := act.Phrases(func(phrase string, class act.Class) error {
		return builder.Add(j.cues, phrase, uint32(class))
	})
	if err != nil {
		return nil, err
	}
	if j.resolver, err = target.New(cfg.Elections); err != nil {
		return nil, err
	}
	j.targets = builder.NewSpace()
	err = j.resolver.Phrases(func(phrase string, payload uint32) error { return builder.Add(j.targets, phrase, payload) })
	if err != nil {
		return nil, err
	}
	if j.rules, err = keyword.Compile(cfg.Lists, builder); err != nil {
		return nil, err
	}
	j.matcher = builder.Freeze()
	if j.fusion, err = newFusion(cfg.Fusion, cfg.Models); err != nil {
		return nil, err
	}
	j.fusion.recognise(cfg.Lists)
	j.thresholds = j.fusion.thresholds
	for label, threshold := range cfg.Thresholds {
		if i := labelIndex(label); i >= 0 {
			j.thresholds[i] = threshold
		}
	}
	j.bound = newBound(j.fusion, &j.thresholds, &j.lanes)
	if j.versions, err = versionsOf(cfg); err != nil {
		return nil, err
	}
	if cfg.Version != "" {
		j.versions.Lists = cfg.Version
	}
	return j, nil
}

// Versions says which lists, contestants and models the verdicts rest on.
func (j *Judge) Versions() post.Versions { return j.versions }

func versionsOf(cfg Configuration) (post.Versions, error) {
	elections, err := json.Marshal(cfg.Elections, json.Deterministic(true))
	if err != nil {
		return post.Versions{}, fmt.Errorf("digest the contestants: %w", err)
	}
	limits, err := json.Marshal(cfg.Thresholds, json.Deterministic(true))
	if err != nil {
		return post.Versions{}, fmt.Errorf("digest the thresholds: %w", err)
	}
	fused, err := json.Marshal(cfg.Fusion, json.Deterministic(true))
	if err != nil {
		return post.Versions{}, fmt.Errorf("digest the fusion: %w", err)
	}
	models := sha256.Sum256(append([]byte(cfg.Models.Version()), fused...))
	digest := sha256.New()
	for _, part := range [][]byte{[]byte(cfg.Lists.Version()), elections, limits, []byte(cfg.Claims.Version())} {
		_, _ = fmt.Fprintf(digest, "%d:", len(part))
		_, _ = digest.Write(part)
	}
	return post.Versions{
		Lists:  "sha256:" + hex.EncodeToString(digest.Sum(nil)),
		Models: "sha256:" + hex.EncodeToString(models[:]),
		Netra:  version.Version,
	}, nil
}

// Classify judges p; see classifiers.Classifier. Verdicts share their maps of
// attributes, to which nobody may write.
func (j *Judge) Classify(p *post.Post, region string) post.Verdict {
	s := j.scratch.Get()
	defer j.scratch.Put(s)
	return j.classify(p, region, s)
}

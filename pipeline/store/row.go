package store

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/netra-id/netra/pipeline/post"
)

// flagRow is a row of flagged_posts. The columns from Labels to Rules repeat
// what Verdict holds, for filters and dashboards.
type flagRow struct {
	ID        string    `ch:"id"`
	Version   time.Time `ch:"version"`
	Platform  string    `ch:"platform"`
	Kind      string    `ch:"kind"`
	CreatedAt time.Time `ch:"created_at"`

	AccountID     string `ch:"account_id"`
	AccountHandle string `ch:"account_handle"`
	AccountName   string `ch:"account_name"`

	PersonID     string `ch:"person_id"`
	PersonName   string `ch:"person_name"`
	Agency       string `ch:"agency"`
	Unit         string `ch:"unit"`
	Position     string `ch:"position"`
	Region       string `ch:"region"`
	PersonStatus string `ch:"person_status"`
	PersonBasis  string `ch:"person_basis"`

	Language           string    `ch:"language"`
	LanguageConfidence float64   `ch:"language_confidence"`
	Labels             []string  `ch:"labels"`
	Scores             []float64 `ch:"scores"`
	Contestants        []string  `ch:"contestants"`
	Rules              []string  `ch:"rules"`

	Text      string `ch:"text"`
	Quoted    string `ch:"quoted"`
	URL       string `ch:"url"`
	InReplyTo string `ch:"in_reply_to"`
	Media     string `ch:"media"`
	Verdict   string `ch:"verdict"`

	CollectedAt time.Time `ch:"collected_at"`
	FlaggedAt   time.Time `ch:"flagged_at"`
	Source      string    `ch:"source"`
	RawSHA256   string    `ch:"raw_sha256"`

	ListsVersion  string `ch:"lists_version"`
	ModelsVersion string `ch:"models_version"`
	NetraVersion  string `ch:"netra_version"`

	KafkaTopic     string `ch:"kafka_topic"`
	KafkaPartition int32  `ch:"kafka_partition"`
	KafkaOffset    int64  `ch:"kafka_offset"`
}

// flagColumns are the columns of flagged_posts with their types, as migration 1
// makes them. Knowing them saves asking the server before every insert.
var flagColumns = []clickhouse.ColumnNameAndType{
	{Name: "id", Type: "String"},
	{Name: "version", Type: "DateTime64(9, 'UTC')"},
	{Name: "platform", Type: "LowCardinality(String)"},
	{Name: "kind", Type: "LowCardinality(String)"},
	{Name: "created_at", Type: "DateTime64(9, 'UTC')"},
	{Name: "account_id", Type: "String"},
	{Name: "account_handle", Type: "String"},
	{Name: "account_name", Type: "String"},
	{Name: "person_id", Type: "String"},
	{Name: "person_name", Type: "String"},
	{Name: "agency", Type: "LowCardinality(String)"},
	{Name: "unit", Type: "LowCardinality(String)"},
	{Name: "position", Type: "LowCardinality(String)"},
	{Name: "region", Type: "LowCardinality(String)"},
	{Name: "person_status", Type: "LowCardinality(String)"},
	{Name: "person_basis", Type: "LowCardinality(String)"},
	{Name: "language", Type: "LowCardinality(String)"},
	{Name: "language_confidence", Type: "Float64"},
	{Name: "labels", Type: "Array(LowCardinality(String))"},
	{Name: "scores", Type: "Array(Float64)"},
	{Name: "contestants", Type: "Array(LowCardinality(String))"},
	{Name: "rules", Type: "Array(LowCardinality(String))"},
	{Name: "text", Type: "String"},
	{Name: "quoted", Type: "String"},
	{Name: "url", Type: "String"},
	{Name: "in_reply_to", Type: "String"},
	{Name: "media", Type: "String"},
	{Name: "verdict", Type: "String"},
	{Name: "collected_at", Type: "DateTime64(9, 'UTC')"},
	{Name: "flagged_at", Type: "DateTime64(9, 'UTC')"},
	{Name: "source", Type: "LowCardinality(String)"},
	{Name: "raw_sha256", Type: "String"},
	{Name: "lists_version", Type: "LowCardinality(String)"},
	{Name: "models_version", Type: "LowCardinality(String)"},
	{Name: "netra_version", Type: "LowCardinality(String)"},
	{Name: "kafka_topic", Type: "LowCardinality(String)"},
	{Name: "kafka_partition", Type: "Int32"},
	{Name: "kafka_offset", Type: "Int64"},
}

// columnList is the names of columns for a statement.
func columnList(columns []clickhouse.ColumnNameAndType) string {
	names := make([]string, len(columns))
	for i := range columns {
		names[i] = columns[i].Name
	}
	return strings.Join(names, ", ")
}

// newFlagRow makes the row of a flag. Its error says why there can be none.
func newFlagRow(flag *post.Flag) (*flagRow, error) {
	verdict, err := json.Marshal(&flag.Verdict, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return nil, fmt.Errorf("encode the verdict: %w", err)
	}
	media := ""
	if flag.Post.Media != nil {
		encoded, err := json.Marshal(flag.Post.Media, jsontext.AllowInvalidUTF8(true))
		if err != nil {
			return nil, fmt.Errorf("encode the media: %w", err)
		}
		media = string(encoded)
	}
	if err := checkFlag(flag); err != nil {
		return nil, err
	}
	p, person, v := &flag.Post, &flag.Person, &flag.Verdict
	row := &flagRow{
		ID: p.ID, Version: storedTime(p.CollectedAt), Platform: p.Platform, Kind: string(p.Kind), CreatedAt: storedTime(p.CreatedAt),
		AccountID: p.Account.ID, AccountHandle: p.Account.Handle, AccountName: p.Account.Name,
		PersonID: person.PersonID, PersonName: person.Name, Agency: person.Agency, Unit: person.Unit,
		Position: person.Position, Region: person.Region, PersonStatus: person.Status, PersonBasis: person.Basis,
		Language: v.Language.Code, LanguageConfidence: v.Language.Confidence,
		Text: p.Text, Quoted: p.Quoted, URL: p.URL, InReplyTo: p.InReplyTo, Media: media, Verdict: string(verdict),
		CollectedAt: storedTime(p.CollectedAt), FlaggedAt: storedTime(flag.FlaggedAt),
		Source: p.Source, RawSHA256: p.RawSHA256,
		ListsVersion: v.Versions.Lists, ModelsVersion: v.Versions.Models, NetraVersion: v.Versions.Netra,
		KafkaTopic: flag.Topic, KafkaPartition: int32(flag.Partition), KafkaOffset: flag.Offset,
	}
	if p.CollectedAt.IsZero() {
		row.Version = row.FlaggedAt
	}
	row.setLabels(v.Labels)
	return row, nil
}

func (r *flagRow) setLabels(labels []post.LabelScore) {
	r.Labels = make([]string, len(labels))
	r.Scores = make([]float64, len(labels))
	r.Contestants = make([]string, len(labels))
	r.Rules = []string{}
	for i := range labels {
		r.Labels[i] = string(labels[i].Label)
		r.Scores[i] = labels[i].Score
		r.Contestants[i] = labels[i].Contestant
		for _, reason := range labels[i].Reasons {
			if !slices.Contains(r.Rules, reason.Source) {
				r.Rules = append(r.Rules, reason.Source)
			}
		}
	}
}

// checkFlag finds what ClickHouse could not keep, or could keep only as
// something else.
func checkFlag(flag *post.Flag) error {
	if flag.Post.ID == "" {
		return fmt.Errorf("the post has no id")
	}
	if flag.Partition < 0 || flag.Partition > math.MaxInt32 {
		return fmt.Errorf("partition %d; allowed: 0 to %d", flag.Partition, math.MaxInt32)
	}
	for name, t := range map[string]time.Time{
		"created_at": flag.Post.CreatedAt, "collected_at": flag.Post.CollectedAt, "flagged_at": flag.FlaggedAt,
	} {
		if !t.IsZero() && (t.Before(earliestTime) || t.After(latestTime)) {
			return fmt.Errorf("%s is %s; allowed: %s to %s", name, t.UTC().Format(time.RFC3339),
				earliestTime.Format(time.RFC3339), latestTime.Format(time.RFC3339))
		}
	}
	return nil
}

// The times that DateTime64(9) holds and that differ from noTime.
var (
	noTime       = time.Unix(0, 0).UTC()
	earliestTime = time.Date(1970, 1, 2, 0, 0, 0, 0, time.UTC)
	latestTime   = time.Date(2261, 12, 31, 0, 0, 0, 0, time.UTC)
)

// storedTime is how a time is stored: the missing one as 1970.
func storedTime(t time.Time) time.Time {
	if t.IsZero() {
		return noTime
	}
	return t.UTC()
}

func loadedTime(t time.Time) time.Time {
	if t.Equal(noTime) {
		return time.Time{}
	}
	return t.UTC()
}

// flag makes the flag of a row that was read.
func (r *flagRow) flag() (post.Flag, error) {
	flag := post.Flag{
		Post: post.Post{
			ID: r.ID, Platform: r.Platform, Kind: post.Kind(r.Kind),
			Account: post.Account{ID: r.AccountID, Handle: r.AccountHandle, Name: r.AccountName},
			URL:     r.URL, Text: r.Text, Quoted: r.Quoted, InReplyTo: r.InReplyTo,
			CreatedAt: loadedTime(r.CreatedAt), CollectedAt: loadedTime(r.CollectedAt),
			Source: r.Source, RawSHA256: r.RawSHA256,
		},
		Person: post.Person{
			PersonID: r.PersonID, Name: r.PersonName, Agency: r.Agency, Unit: r.Unit, Position: r.Position,
			Region: r.Region, Status: r.PersonStatus, Basis: r.PersonBasis,
		},
		FlaggedAt: loadedTime(r.FlaggedAt), Topic: r.KafkaTopic, Partition: int(r.KafkaPartition), Offset: r.KafkaOffset,
	}
	if err := json.Unmarshal([]byte(r.Verdict), &flag.Verdict); err != nil {
		return post.Flag{}, fmt.Errorf("decode the verdict of post %q: %w", r.ID, err)
	}
	if r.Media != "" {
		if err := json.Unmarshal([]byte(r.Media), &flag.Post.Media); err != nil {
			return post.Flag{}, fmt.Errorf("decode the media of post %q: %w", r.ID, err)
		}
	}
	return flag, nil
}

// flagsOf are the flagged posts of rows.
func flagsOf(rows []flagRow) ([]post.Flag, error) {
	flags := make([]post.Flag, len(rows))
	for i := range rows {
		var err error
		if flags[i], err = rows[i].flag(); err != nil {
			return nil, err
		}
	}
	return flags, nil
}

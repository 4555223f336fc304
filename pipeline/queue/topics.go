package queue

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/segmentio/kafka-go"
)

// Deviation is a setting of an existing topic that is not as configured. The
// road works with it, but an operator should know.
type Deviation struct {
	Topic, Key, Value, Expected string
}

func (d Deviation) String() string {
	return fmt.Sprintf("topic %s: key %s: value %s: expected %s", d.Topic, d.Key, d.Value, d.Expected)
}

// ErrTopic says that a topic cannot be used as it is.
var ErrTopic = errors.New("topic cannot be used")

// topicSpec is what a topic should be.
type topicSpec struct {
	name    string
	configs []kafka.ConfigEntry
}

func (q *Queue) topicSpecs() []topicSpec {
	t := q.cfg.Topics
	spec := func(name string, retention time.Duration, bytes int64, maxMessage int) topicSpec {
		return topicSpec{name: name, configs: []kafka.ConfigEntry{
			{ConfigName: "cleanup.policy", ConfigValue: "delete"},
			{ConfigName: "retention.ms", ConfigValue: strconv.FormatInt(retention.Milliseconds(), 10)},
			{ConfigName: "retention.bytes", ConfigValue: strconv.FormatInt(bytes, 10)},
			{ConfigName: "max.message.bytes", ConfigValue: strconv.Itoa(maxMessage)},
			{ConfigName: "segment.bytes", ConfigValue: strconv.FormatInt(t.SegmentBytes, 10)},
			// Only closed segments expire, so a quiet topic must close them in time.
			{ConfigName: "segment.ms", ConfigValue: strconv.FormatInt(max(retention/30, time.Minute).Milliseconds(), 10)},
		}}
	}
	specs := []topicSpec{
		spec(q.cfg.Topic, t.Retention, t.RetentionBytes, t.MaxMessageBytes),
		// A dead letter is the record it came from with more headers.
		spec(q.cfg.DeadTopic, t.DeadRetention, t.DeadRetentionBytes, t.MaxMessageBytes+64<<10),
	}
	if t.ReplicationFactor > 1 {
		// What is acknowledged is on two brokers, so that one may be lost for good.
		// With two replicas that would stop the road whenever one is away.
		least := strconv.Itoa(min(2, t.ReplicationFactor-1))
		for i := range specs {
			specs[i].configs = append(specs[i].configs, kafka.ConfigEntry{ConfigName: "min.insync.replicas", ConfigValue: least})
		}
	}
	return specs
}

// EnsureTopics creates the topics of posts and of dead letters where they do
// not exist, and checks those that do. A broker that is away is waited for
// until ctx ends. Deviations are logged and returned; a topic that cannot work
// (compacted, or not allowed) is an error that wraps ErrTopic.
func (q *Queue) EnsureTopics(ctx context.Context) ([]Deviation, error) {
	var deviations []Deviation
	for _, spec := range q.topicSpecs() {
		found, err := q.ensureTopic(ctx, spec)
		if err != nil {
			return deviations, err
		}
		deviations = append(deviations, found...)
	}
	for _, d := range deviations {
		q.log.Warn("topic is not as configured", "topic", d.Topic, "key", d.Key, "value", d.Value, "expected", d.Expected)
	}
	return deviations, nil
}

func (q *Queue) ensureTopic(ctx context.Context, spec topicSpec) ([]Deviation, error) {
	for attempt := 0; ; attempt++ {
		found, err := q.tryEnsureTopic(ctx, spec)
		if err == nil || errors.Is(err, ErrTopic) || LoginRefused(err) {
			return found, err
		}
		q.metrics.errors.WithLabelValues("topics", kindOf(err)).Inc()
		if attempt == 2 {
			q.log.Warn("topic cannot be checked; retrying", "topic", spec.name, "brokers", q.cfg.Brokers, "error", err)
		}
		if paused := pause(ctx, attempt, 50*time.Millisecond, 2*time.Second); paused != nil {
			return nil, fmt.Errorf("create or check topic %s at %v: %w: last error: %w", spec.name, q.cfg.Brokers, paused, err)
		}
	}
}

func (q *Queue) tryEnsureTopic(ctx context.Context, spec topicSpec) ([]Deviation, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*requestTimeout)
	defer cancel()
	if err := q.Reach(ctx); err != nil {
		return nil, err
	}
	response, err := q.client.CreateTopics(ctx, &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{{
		Topic: spec.name, NumPartitions: q.cfg.Topics.Partitions,
		ReplicationFactor: q.cfg.Topics.ReplicationFactor, ConfigEntries: spec.configs,
	}}})
	if err != nil {
		return nil, err
	}
	switch err := response.Errors[spec.name]; {
	case err == nil:
		q.log.Info("created topic", "topic", spec.name, "partitions", q.cfg.Topics.Partitions)
	case errors.Is(err, kafka.TopicAlreadyExists), errors.Is(err, kafka.TopicAuthorizationFailed),
		errors.Is(err, kafka.ClusterAuthorizationFailed):
		// It may exist without our being allowed to create it.
	case errors.Is(err, kafka.InvalidConfiguration), errors.Is(err, kafka.InvalidReplicationFactor),
		errors.Is(err, kafka.InvalidTopic), errors.Is(err, kafka.PolicyViolation), errors.Is(err, kafka.InvalidPartitionNumber):
		return nil, fmt.Errorf("create topic %s: %w: %w", spec.name, ErrTopic, err)
	default:
		return nil, err
	}
	return q.checkTopic(ctx, spec)
}

func (q *Queue) checkTopic(ctx context.Context, spec topicSpec) ([]Deviation, error) {
	partitions, err := q.partitionCount(ctx, spec.name)
	if err != nil {
		return nil, err
	}
	var deviations []Deviation
	if partitions != q.cfg.Topics.Partitions {
		deviations = append(deviations, Deviation{
			spec.name, "partitions", strconv.Itoa(partitions), strconv.Itoa(q.cfg.Topics.Partitions),
		})
	}
	actual, err := q.topicConfigs(ctx, spec.name)
	if err != nil {
		return nil, err
	}
	for _, expected := range spec.configs {
		value, known := actual[expected.ConfigName]
		if !known || value == expected.ConfigValue {
			continue
		}
		d := Deviation{spec.name, expected.ConfigName, value, expected.ConfigValue}
		if expected.ConfigName == "cleanup.policy" {
			return nil, fmt.Errorf("%w: %s (records of a compacted topic vanish between others)", ErrTopic, d)
		}
		deviations = append(deviations, d)
	}
	return deviations, nil
}

// partitionCount waits for the shared connections to know the topic.
func (q *Queue) partitionCount(ctx context.Context, topic string) (int, error) {
	for attempt := 0; ; attempt++ {
		response, err := q.client.Metadata(ctx, &kafka.MetadataRequest{Topics: []string{topic}})
		if err == nil && len(response.Topics) == 1 {
			if err = response.Topics[0].Error; err == nil {
				return len(response.Topics[0].Partitions), nil
			}
		}
		if paused := pause(ctx, attempt, 50*time.Millisecond, 500*time.Millisecond); paused != nil {
			return 0, fmt.Errorf("count partitions of %s: %w: last error: %w", topic, paused, err)
		}
	}
}

func (q *Queue) topicConfigs(ctx context.Context, topic string) (map[string]string, error) {
	response, err := q.client.DescribeConfigs(ctx, &kafka.DescribeConfigsRequest{
		Resources: []kafka.DescribeConfigRequestResource{{ResourceType: kafka.ResourceTypeTopic, ResourceName: topic}},
	})
	if err != nil {
		return nil, fmt.Errorf("describe topic %s: %w", topic, err)
	}
	configs := map[string]string{}
	for _, resource := range response.Resources {
		if resource.Error != nil {
			return nil, fmt.Errorf("describe topic %s: %w", topic, resource.Error)
		}
		for _, entry := range resource.ConfigEntries {
			configs[entry.ConfigName] = entry.ConfigValue
		}
	}
	return configs, nil
}

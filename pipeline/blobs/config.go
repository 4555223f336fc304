package blobs

import (
	"errors"
	"net/url"

	"github.com/netra-id/netra/pipeline/collect/secret"
	"github.com/netra-id/netra/pipeline/post"
)

// Configuration says where files are kept: in a folder, or in an S3-compatible
// storage where s3.endpoint is set.
type Configuration struct {
	// Dir is the folder; empty for one in the data directory.
	Dir string          `yaml:"dir"`
	S3  S3Configuration `yaml:"s3"`
}

// S3Configuration is a bucket of an S3-compatible storage.
type S3Configuration struct {
	// Endpoint is the storage's address, such as https://s3.example.go.id.
	Endpoint string `yaml:"endpoint"`
	// Region is the bucket's region; most storages take any.
	Region string `yaml:"region"`
	// Bucket must be there; nothing in it should be public.
	Bucket string `yaml:"bucket"`
	// Prefix is what all names in the bucket begin with.
	Prefix string `yaml:"prefix"`
	// HostStyle has the bucket in the name of an address's host, not in its path.
	HostStyle bool `yaml:"host_style"`
	// AccessKeyID is the public half of the key.
	AccessKeyID string `yaml:"access_key_id"`
	// AccessKeyEnv and AccessKeyFile say where its secret half is.
	AccessKeyEnv  string `yaml:"access_key_env"`
	AccessKeyFile string `yaml:"access_key_file"`
}

// DefaultConfiguration is a folder in the data directory.
func DefaultConfiguration() Configuration {
	return Configuration{S3: S3Configuration{Region: "us-east-1"}}
}

// Validate checks the values; the folder of the data directory must be filled in.
func (c Configuration) Validate() error {
	if c.S3.Endpoint == "" {
		if c.Dir == "" {
			return &post.FieldError{Key: "dir", Value: "missing", Allowed: "a folder"}
		}
		return nil
	}
	var errs []error
	fail := func(key, value, allowed string) {
		errs = append(errs, &post.FieldError{Key: "s3." + key, Value: value, Allowed: allowed})
	}
	if u, err := url.Parse(c.S3.Endpoint); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Path != "" && u.Path != "/" {
		fail("endpoint", "(not shown)", "an address such as https://s3.example.go.id")
	}
	if c.S3.Bucket == "" {
		fail("bucket", "missing", "the name of a bucket")
	}
	if c.S3.AccessKeyID == "" {
		fail("access_key_id", "missing", "the id of an access key")
	}
	errs = append(errs, secret.Validate("s3", "access_key", c.S3.AccessKeyEnv, c.S3.AccessKeyFile, true))
	return errors.Join(errs...)
}

func (c S3Configuration) accessKey() (string, error) {
	key, err := secret.Open("access key of the storage", c.AccessKeyEnv, c.AccessKeyFile)
	if err != nil {
		return "", err
	}
	return key.Value()
}

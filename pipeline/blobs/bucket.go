package blobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// bucket is a place in an S3-compatible storage.
type bucket struct {
	client       *minio.Client
	name, prefix string
}

func newBucket(cfg S3Configuration) (*bucket, error) {
	access, err := cfg.accessKey()
	if err != nil {
		return nil, err
	}
	endpoint, err := url.Parse(cfg.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("the address of the storage: %w", err)
	}
	lookup := minio.BucketLookupPath
	if cfg.HostStyle {
		lookup = minio.BucketLookupDNS
	}
	client, err := minio.New(endpoint.Host, &minio.Options{
		Creds: credentials.NewStaticV4(cfg.AccessKeyID, access, ""), Secure: endpoint.Scheme == "https",
		Region: cfg.Region, BucketLookup: lookup, TrailingHeaders: false,
	})
	if err != nil {
		return nil, fmt.Errorf("open the storage %s: %w", cfg.Endpoint, err)
	}
	return &bucket{client: client, name: cfg.Bucket, prefix: cfg.Prefix}, nil
}

func (b *bucket) key(sum string) string { return b.prefix + sum[:2] + "/" + sum }

// put sends the file in one request, which the storage takes whole or not at all.
func (b *bucket) put(ctx context.Context, file *os.File, ref Ref) error {
	if has, err := b.has(ctx, ref.SHA256); err != nil || has {
		return err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := b.client.PutObject(ctx, b.name, b.key(ref.SHA256), file, ref.Size, minio.PutObjectOptions{
		ContentType: ref.Type, DisableMultipart: true, UserMetadata: map[string]string{"sha256": ref.SHA256},
	})
	return err
}

// get fetches the whole object into a file that has no name any more.
func (b *bucket) get(ctx context.Context, sum string) (*os.File, error) {
	object, err := b.client.GetObject(ctx, b.name, b.key(sum), minio.GetObjectOptions{})
	if err != nil {
		return nil, notFound(err)
	}
	defer func() { _ = object.Close() }()
	file, err := os.CreateTemp("", "netra-blob-*")
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(file, object)
	if err := errors.Join(notFound(err), os.Remove(file.Name())); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

func (b *bucket) has(ctx context.Context, sum string) (bool, error) {
	_, err := b.client.StatObject(ctx, b.name, b.key(sum), minio.StatObjectOptions{})
	if errors.Is(notFound(err), ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

func notFound(err error) error {
	var answer minio.ErrorResponse
	if errors.As(err, &answer) && (answer.Code == "NoSuchKey" || answer.StatusCode == http.StatusNotFound && answer.Code != "NoSuchBucket") {
		return ErrNotFound
	}
	return err
}

package qdrant

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// client sends requests to a server.
type client struct {
	http    *http.Client
	address string
	secrets []string
	key     string
}

// request is the body of a request. Fields without a value are not sent.
type request struct {
	Query      []float32       `json:"query,omitempty"`
	Using      string          `json:"using,omitempty"`
	Filter     json.RawMessage `json:"filter,omitempty"`
	Limit      int             `json:"limit,omitempty"`
	Params     *params         `json:"params,omitempty"`
	Exact      bool            `json:"exact,omitempty"` // of a count
	Offset     json.RawMessage `json:"offset,omitempty"`
	IDs        []id            `json:"ids,omitempty"`
	WithVector any             `json:"with_vector,omitempty"`
	Payload    *bool           `json:"with_payload,omitempty"`
}

// params are the parameters of a search.
type params struct {
	HNSWEf int  `json:"hnsw_ef,omitempty"`
	Exact  bool `json:"exact,omitempty"`
}

// newClient returns a client for the address of a server. It does not follow redirections, to which it would send the key.
func newClient(address, key string, limit time.Duration) (client, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return client{}, errors.New("the address of Qdrant must be http://host:6333 or https://…")
	}
	c := client{address: strings.TrimRight(address, "/"), key: key, secrets: []string{key}}
	if password, ok := u.User.Password(); ok {
		c.secrets = append(c.secrets, password, url.QueryEscape(password), url.PathEscape(password), strings.TrimPrefix(url.UserPassword("", password).String(), ":"))
	}
	c.http = &http.Client{Timeout: limit, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return c, nil
}

// largestAnswer is the maximum size of an answer in bytes.
const largestAnswer = 1 << 30

func (c client) get(ctx context.Context, path string, result any) error {
	return c.send(ctx, http.MethodGet, path, nil, &struct {
		Result any `json:"result"`
	}{result})
}

func (c client) post(ctx context.Context, path string, body request, result any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return c.send(ctx, http.MethodPost, path, text, &struct {
		Result any `json:"result"`
	}{result})
}

// version returns the version of the server, "" if it does not say.
func (c client) version(ctx context.Context) string {
	var info struct {
		Version string `json:"version"`
	}
	_ = c.send(ctx, http.MethodGet, "/", nil, &info) // a proxy may hide it
	return info.Version
}

// send sends a request and decodes its answer. Its errors hold no secret.
func (c client) send(ctx context.Context, method, path string, body []byte, answer any) error {
	err := c.try(ctx, method, path, body, answer)
	if err == nil {
		return nil
	}
	text := err.Error()
	for _, secret := range c.secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	return masked{text, err}
}

func (c client) try(ctx context.Context, method, path string, body []byte, answer any) error {
	r, err := http.NewRequestWithContext(ctx, method, c.address+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	if c.key != "" {
		r.Header.Set("api-key", c.key)
	}
	response, err := c.http.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, largestAnswer+1))
	switch {
	case err != nil:
		return err
	case len(text) > largestAnswer:
		return fmt.Errorf("%s %s: the answer has more than %d bytes", method, path, largestAnswer)
	case response.StatusCode != http.StatusOK:
		return fmt.Errorf("%s %s: %s: %s", method, path, response.Status, reason(text))
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("%s %s: the answer is not that of Qdrant: %w", method, path, err)
	}
	return nil
}

// reason returns Qdrant's description of an error, or the beginning of another answer.
func reason(text []byte) string {
	var answer struct {
		Status struct {
			Error string `json:"error"`
		} `json:"status"`
	}
	if json.Unmarshal(text, &answer) == nil && answer.Status.Error != "" {
		return answer.Status.Error
	}
	return string(text[:min(200, len(text))])
}

// masked is an error without secrets, and without access to its cause, whose text may hold one.
type masked struct {
	text  string
	cause error
}

func (m masked) Error() string { return m.text }

// Is reports whether the cause is target.
func (m masked) Is(target error) bool { return errors.Is(m.cause, target) }

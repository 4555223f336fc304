package console

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/capture"
)

// publicReportView is the page on which the public hands in a tip.
type publicReportView struct {
	Link, Seen, Contact string
	Challenge           string
	Bits                int
	Problem             string
	Receipt             string
	MaxSeen, MaxContact int
	Wait, Days          string
}

var receipt = regexp.MustCompile(`^[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}$`)

// reportPage is the empty form, or the receipt of what was handed in. What other
// pages lead here with is put into the form, not sent.
func (c *Console) reportPage(w http.ResponseWriter, r *http.Request) error {
	view := publicReportView{Link: cutTo(r.URL.Query().Get("url"), 2000)}
	if number := r.URL.Query().Get("terima"); receipt.MatchString(number) {
		view.Receipt = number
	}
	return c.showReport(w, r, http.StatusOK, view, "")
}

func (c *Console) showReport(w http.ResponseWriter, r *http.Request, status int, view publicReportView, challenge string) error {
	made := c.capture.NewChallenge()
	view.Challenge, view.Bits = made.Text, made.Bits
	if challenge != "" {
		view.Challenge = challenge // it goes on being waited for
	}
	view.MaxSeen, view.MaxContact = capture.MaxSeenRunes, capture.MaxContactRunes
	view.Wait = strconv.Itoa(seconds(c.capture.Configuration().Tips.Wait))
	view.Days = strconv.Itoa(int(c.capture.Configuration().Tips.ContactKeep / (24 * time.Hour)))
	return c.render(w, r, status, "lapor", view)
}

// report takes a tip. What was written stays in the form where it is not taken.
func (c *Console) report(w http.ResponseWriter, r *http.Request) error {
	form := r.PostForm
	offer := capture.Offer{
		Link: form.Get("link"), Seen: form.Get("seen"), Contact: form.Get("contact"), Challenge: form.Get("challenge"), Number: form.Get("nonce"),
		Trap: form.Get("website"), Address: c.clients.of(r),
	}
	number, err := c.capture.Offer(r.Context(), offer)
	var refused *capture.TipError
	if errors.As(err, &refused) {
		return c.reportAgain(w, r, offer, refused)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/lapor?"+url.Values{"terima": {number}}.Encode(), http.StatusSeeOther)
	return nil
}

func (c *Console) reportAgain(w http.ResponseWriter, r *http.Request, offer capture.Offer, refused *capture.TipError) error {
	view := publicReportView{Link: cutTo(offer.Link, 5000), Seen: offer.Seen, Contact: offer.Contact}
	left := strconv.Itoa(seconds(refused.Wait))
	if refused.Wait > 2*time.Minute {
		left = strconv.Itoa(int((refused.Wait + time.Minute - 1) / time.Minute))
	}
	status, challenge := http.StatusUnprocessableEntity, ""
	key := "report.bad." + refused.Why
	switch refused.Why {
	case "early":
		challenge = offer.Challenge
	case "often":
		status = http.StatusTooManyRequests
		w.Header().Set("Retry-After", strconv.Itoa(seconds(refused.Wait)))
		if refused.Wait <= 2*time.Minute {
			key += ".seconds"
		}
	case "full":
		status = http.StatusServiceUnavailable
	}
	view.Problem = c.pages.words(r).T(key, "n", left)
	return c.showReport(w, r, status, view, strings.TrimSpace(challenge))
}

func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

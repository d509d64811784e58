package part

import (
	"testing"
	"time"

	"github.com/logpane/logpane/app/viewer"
)

func TestLive_HowItStandsAndWhatItCosts(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	golden(t, "live-off", Live{Open: true, Cost: []string{"Algolia is asked every 10 s, about 360 calls an hour, however many watch."}}.UI(ignore))
	golden(t, "live-on", Live{Open: true, Now: now, Live: viewer.Live{
		On: true, State: viewer.LiveOn, Bad: true, Text: "E Shop: too many calls.", Budget: viewer.Budget{Calls: 100}, Lanes: []viewer.LiveLane{
			{Label: "A APP", State: "live", NextPoll: now.Add(4 * time.Second), Calls: 360, Viewers: 3},
			{Label: "E Shop", State: "failing", NextPoll: now.Add(-time.Second), Calls: 60, Viewers: 1, Reason: "too many calls"},
		},
	}}.UI(ignore))
	golden(t, "live-away", Live{Live: viewer.Live{On: true, State: viewer.LiveConnecting, Bad: true, Text: "Not live: the connection broke. Connecting…"}}.UI(ignore))
}

func TestLiveBar_SaysWhyTheTableDoesNotFollow(t *testing.T) {
	golden(t, "livebar-following", LiveBar{Live: viewer.Live{On: true, State: viewer.LiveOn}, Digest: "14 new, 2 errors from Elastic Path"}.UI(ignore))
	golden(t, "livebar-paused", LiveBar{Live: viewer.Live{On: true, State: viewer.LiveOn, Paused: true, Held: true, New: 37, Errors: 2}}.UI(ignore))
	golden(t, "livebar-lost", LiveBar{Live: viewer.Live{On: true, State: viewer.LiveConnecting, Bad: true, Text: "Not live: the connection broke. Trying again in 4 s."}}.UI(ignore))
}

package wire

// PathSession is the session itself: DELETE logs out. Its connections and their
// credentials are forgotten, its sockets end, and the cookie goes. It answers 204,
// also where there was no session.
const PathSession = "/api/session"

//! Papers of certification boards (認定審査会資料): link and password open them, until the meeting is over.

use jiff::{SignedDuration, Timestamp, ToSpan};
use kaigotap_sandbox::{
    Failure, Invitation, MeetingChange, MeetingFile, Municipalities, NewMeeting, Reviewer,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::gates::INSURER;
use crate::support::World;

const PAPER: &[u8] = b"%PDF-1.7 <script>alert(1)</script>";

struct Page {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Page {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(known, _)| *known == name).map(|(_, value)| value).next()
    }
}

/// What a browser is answered, with this cookie.
async fn send(world: &World, request: &str, cookie: Option<&str>, body: &str) -> Page {
    let host = world.sandbox.url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let cookie = cookie.map(|cookie| format!("Cookie: {cookie}\r\n")).unwrap_or_default();
    let request = format!(
        "{request} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{cookie}\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let status = head[9..12].parse().unwrap();
    Page { status, head, body: answer[end + 4..].to_vec() }
}

struct Board {
    world: World,
    counter: Municipalities,
    id: String,
    invited: Vec<Invitation>,
    /// Paths of the links, in the order of the reviewers.
    links: Vec<String>,
}

fn reviewer(name: &str) -> Reviewer {
    Reviewer { name: name.to_owned(), mail: format!("{name}@example.invalid") }
}

fn paper(name: &str) -> MeetingFile {
    MeetingFile { name: name.to_owned(), content: PAPER.to_vec() }
}

fn meeting() -> NewMeeting {
    let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(9))).date();
    NewMeeting {
        insurer_number: INSURER.to_owned(),
        held_on: today.saturating_add(3.days()),
        reviewers: vec![reviewer("sato"), reviewer("suzuki")],
        files: vec![paper("一次判定 <b>&\".pdf"), paper("特記事項.pdf")],
    }
}

impl Board {
    async fn new() -> Self {
        let world = World::new().await;
        let counter = world.sandbox.municipalities();
        let (id, invited) = counter.register_meeting(&meeting()).await.unwrap();
        let links = links(&world, &counter).await;
        assert_eq!((invited.len(), links.len()), (2, 2));
        Self { world, counter, id, invited, links }
    }

    async fn get(&self, path: &str, cookie: Option<&str>) -> Page {
        send(&self.world, &format!("GET {path}"), cookie, "").await
    }

    async fn say(&self, link: &str, password: &str) -> Page {
        send(&self.world, &format!("POST {link}"), None, &format!("password={password}")).await
    }

    /// The cookie of the n-th reviewer, who gives their password.
    async fn in_as(&self, n: usize) -> String {
        let page = self.say(&self.links[n], &self.invited[n].password).await;
        assert_eq!((page.status, page.header("location")), (303, Some(&*self.links[n])));
        let cookie = page.header("set-cookie").unwrap();
        assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
        cookie.split(';').next().unwrap().to_owned()
    }
}

async fn links(world: &World, counter: &Municipalities) -> Vec<String> {
    let url = world.sandbox.url();
    let mails = counter.outbox(INSURER).await.unwrap();
    let link = |text: &str| text.lines().last().unwrap().strip_prefix(url).unwrap().to_owned();
    mails.iter().map(|mail| link(&mail.text)).collect()
}

/// Paths of the files on a page.
fn files(page: &Page) -> Vec<String> {
    let text = page.text();
    let links = text.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    links.map(str::to_owned).collect()
}

#[tokio::test]
async fn link_and_password_open_the_papers_and_the_insurer_sees_who_has_looked() {
    let board = Board::new().await;
    // The link alone opens a door.
    let door = board.get(&board.links[0], None).await;
    assert!(door.status == 200 && door.text().contains("type=\"password\""), "{}", door.text());
    assert!(files(&door).is_empty() && !door.text().contains("判定"));
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
    ] {
        assert_eq!(door.header(name), Some(value));
    }
    assert!(door.header("content-security-policy").unwrap().starts_with("default-src 'none';"));

    let cookie = board.in_as(0).await;
    let page = board.get(&board.links[0], Some(&cookie)).await;
    let text = page.text();
    assert!(text.contains("一次判定 &lt;b&gt;&amp;&quot;.pdf") && !text.contains("<b>"), "{text}");
    let paths = files(&page);
    assert_eq!(paths.len(), 2);
    // A file is opened by whoever is in, and by nobody else.
    let closed = board.get(&paths[1], None).await;
    assert!(closed.text().contains("type=\"password\""), "{}", closed.text());
    let paper = board.get(&paths[1], Some(&cookie)).await;
    assert_eq!((paper.status, &*paper.body), (200, PAPER));
    assert_eq!(paper.header("content-type"), Some("application/octet-stream"));
    let disposition = paper.header("content-disposition").unwrap();
    assert!(disposition.starts_with("attachment; filename*=UTF-8''%E7%89%B9"), "{disposition}");
    assert!(paper.header("content-security-policy").unwrap().contains("sandbox"));
    // One reviewer's cookie is nothing at another's link.
    let other = board.get(&board.links[1], Some(&cookie)).await;
    assert!(other.text().contains("type=\"password\""));

    let meetings = board.counter.meetings(INSURER).await.unwrap();
    let looks: Vec<_> =
        meetings[0].looks.iter().map(|look| (&*look.mail, look.file.as_deref())).collect();
    let sato = "sato@example.invalid";
    assert_eq!(looks, [(sato, None), (sato, Some("特記事項.pdf"))]);
    assert!(board.counter.meetings("990011").await.unwrap().is_empty());
    assert!(!format!("{meetings:?} {:?}", board.invited).contains("sato"));

    let log = crate::support::log();
    let secret = board.links[0].strip_prefix("/board/").unwrap();
    for secret in [secret, &board.invited[0].password, sato, "判定", &cookie[15..]] {
        assert!(!log.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_tried_five_times_and_no_more() {
    let board = Board::new().await;
    for _ in 0..5 {
        let page = board.say(&board.links[0], "wrong").await;
        assert!(page.status == 403 && page.header("set-cookie").is_none(), "{}", page.text());
    }
    let page = board.say(&board.links[0], &board.invited[0].password).await;
    assert_eq!((page.status, page.header("set-cookie")), (429, None));
    assert!(page.header("retry-after").is_some());
    // Another reviewer is not hindered, and nobody's password is another's.
    assert_eq!(board.say(&board.links[1], &board.invited[0].password).await.status, 403);
    board.in_as(1).await;
    board.world.sandbox.shift_clock(SignedDuration::from_secs(61));
    board.in_as(0).await;
}

#[tokio::test]
async fn with_the_end_of_its_day_a_meeting_is_closed() {
    let board = Board::new().await;
    let cookie = board.in_as(0).await;
    let page = board.get(&board.links[0], Some(&cookie)).await;
    let paper = files(&page).remove(0);
    board.world.sandbox.shift_clock(SignedDuration::from_hours(4 * 24));
    for path in [&board.links[0], &paper] {
        let page = board.get(path, Some(&cookie)).await;
        assert!(page.status == 404 && !page.text().contains("password"), "{}", page.text());
    }
    assert_eq!(board.say(&board.links[1], &board.invited[1].password).await.status, 404);
    assert_eq!(board.get("/board/nothing", None).await.status, 404);
}

#[tokio::test]
async fn what_is_changed_is_changed_at_once_and_what_is_deleted_is_gone() {
    let board = Board::new().await;
    let cookie = board.in_as(0).await;
    let second = board.in_as(1).await;
    let change = MeetingChange {
        invited: vec![reviewer("takahashi")],
        dismissed: vec!["sato@example.invalid".to_owned()],
        put: vec![paper("追加.pdf")],
        removed: vec!["特記事項.pdf".to_owned()],
        ..MeetingChange::default()
    };
    assert!(board.counter.change_meeting("990011", &board.id, &change).await.unwrap().is_none());
    let invited = board.counter.change_meeting(INSURER, &board.id, &change).await.unwrap().unwrap();
    assert_eq!(invited.len(), 1);
    assert_eq!(board.get(&board.links[0], Some(&cookie)).await.status, 404);
    let page = board.get(&board.links[1], Some(&second)).await.text();
    assert!(page.contains("追加.pdf") && !page.contains("特記事項"), "{page}");
    let sent = links(&board.world, &board.counter).await;
    assert_eq!(sent.len(), 2);
    assert_eq!(board.say(&sent[1], &invited[0].password).await.status, 303);

    assert!(!board.counter.delete_meeting("990011", &board.id).await.unwrap());
    assert!(board.counter.delete_meeting(INSURER, &board.id).await.unwrap());
    assert!(!board.counter.delete_meeting(INSURER, &board.id).await.unwrap());
    assert_eq!(board.get(&board.links[1], Some(&second)).await.status, 404);
    assert_eq!(board.say(&sent[1], &invited[0].password).await.status, 404);
    assert!(board.counter.outbox(INSURER).await.unwrap().is_empty());
    assert!(board.counter.meetings(INSURER).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_cannot_be_a_meeting_is_none() {
    let world = World::new().await;
    let counter = world.sandbox.municipalities();
    let changes: [fn(&mut NewMeeting); 7] = [
        |meeting| meeting.reviewers.clear(),
        |meeting| meeting.held_on = meeting.held_on.saturating_sub(9.days()),
        |meeting| meeting.reviewers[0].mail = "sato".to_owned(),
        |meeting| meeting.reviewers[0].mail = "a@b.invalid\r\nBcc: c@d.invalid".to_owned(),
        |meeting| meeting.files[0].name = "../paper".to_owned(),
        |meeting| meeting.files[0].content = vec![0; 10 * 1024 * 1024 + 1],
        |meeting| meeting.reviewers = vec![reviewer(&"x".repeat(300))],
    ];
    for (n, change) in changes.into_iter().enumerate() {
        let mut meeting = meeting();
        change(&mut meeting);
        let refused = counter.register_meeting(&meeting).await;
        assert!(matches!(refused, Err(Failure::Meeting)), "{n}");
    }
    assert!(counter.meetings(INSURER).await.unwrap().is_empty());
    assert!(counter.outbox(INSURER).await.unwrap().is_empty());
}

//! Contacts and companies out of bounded lists, the same ones in every run: what a record holds follows from its
//! id alone. Points, sort keys and words are made of them by the application's own rules.

use artel_domain::{
    actor::UserId,
    company::{CompanyFields, CompanyId, CompanySize},
    contact::ContactFields,
    country::Country,
    link::Link,
    point::{Point, PointDraft, PointKind, assemble},
    record::Tag,
};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use crate::Result;

pub mod task;

/// Every fourth contact is not shared; those with an id of this remainder are.
pub const SHARED_REMAINDER: i64 = 1;
/// The period of what follows from an id.
pub const SHARED_STEP: i64 = 4;

/// Given names, each with its Latin form.
const FIRST: [(&str, &str); 32] = [
    ("Анна", "anna"),
    ("Борис", "boris"),
    ("Вера", "vera"),
    ("Глеб", "gleb"),
    ("Дарья", "darya"),
    ("Елена", "elena"),
    ("Жанна", "zhanna"),
    ("Захар", "zakhar"),
    ("Игорь", "igor"),
    ("Кирилл", "kirill"),
    ("Лев", "lev"),
    ("Мария", "maria"),
    ("Никита", "nikita"),
    ("Ольга", "olga"),
    ("Пётр", "petr"),
    ("Семён", "semen"),
    ("Alice", "alice"),
    ("Brian", "brian"),
    ("Chloé", "chloe"),
    ("Daniel", "daniel"),
    ("Emma", "emma"),
    ("Frank", "frank"),
    ("Grace", "grace"),
    ("Henry", "henry"),
    ("Inés", "ines"),
    ("Jack", "jack"),
    ("Karin", "karin"),
    ("Liam", "liam"),
    ("Mia", "mia"),
    ("Noah", "noah"),
    ("Olivia", "olivia"),
    ("Zoë", "zoe"),
];
/// The beginnings of family names, each with its Latin form.
const STEMS: [(&str, &str); 40] = [
    ("Иван", "ivan"),
    ("Сидор", "sidor"),
    ("Волк", "volk"),
    ("Лебед", "lebed"),
    ("Морозов", "morozov"),
    ("Соколов", "sokolov"),
    ("Кузнец", "kuznets"),
    ("Павл", "pavl"),
    ("Орлов", "orlov"),
    ("Белов", "belov"),
    ("Комар", "komar"),
    ("Зайц", "zayts"),
    ("Тихон", "tikhon"),
    ("Фёдор", "fedor"),
    ("Щерб", "shcherb"),
    ("Яков", "yakov"),
    ("Громов", "gromov"),
    ("Журавл", "zhuravl"),
    ("Ёлкин", "elkin"),
    ("Макар", "makar"),
    ("Anders", "anders"),
    ("Black", "black"),
    ("Carl", "carl"),
    ("Davids", "davids"),
    ("Ericks", "ericks"),
    ("Green", "green"),
    ("Hall", "hall"),
    ("Jacob", "jacob"),
    ("Lind", "lind"),
    ("Martin", "martin"),
    ("Nils", "nils"),
    ("Peters", "peters"),
    ("Robin", "robin"),
    ("Stein", "stein"),
    ("Thom", "thom"),
    ("Wald", "wald"),
    ("Müll", "muell"),
    ("Schön", "schoen"),
    ("Olofs", "olofs"),
    ("Lar", "lar"),
];
/// The ends of family names, Cyrillic and Latin.
const ENDINGS: [(&str, &str); 8] = [
    ("ский", "son"),
    ("енко", "sen"),
    ("ович", "berg"),
    ("ицын", "mann"),
    ("ецкий", "field"),
    ("ин", "er"),
    ("ук", "ström"),
    ("ёнок", "wood"),
];
const MIDDLE: [&str; 6] = ["Андреевич", "Борисовна", "Ильинична", "Marie", "James", "Олегович"];
const POSITIONS: [&str; 16] = [
    "Chief executive officer",
    "Chief technology officer",
    "Head of sales",
    "Accountant",
    "Investment director",
    "Product manager",
    "Founder",
    "Partner",
    "Генеральный директор",
    "Технический директор",
    "Руководитель отдела закупок",
    "Главный бухгалтер",
    "Инвестиционный аналитик",
    "Основатель",
    "Ведущий инженер",
    "Юрист",
];
const TAGS: [&str; 24] = [
    "vip",
    "newsletter",
    "demo day",
    "mentor",
    "board",
    "press",
    "alumni",
    "conference",
    "lead",
    "warm",
    "cold",
    "partner",
    "выставка",
    "партнёр",
    "инвестор",
    "рассылка",
    "жюри",
    "акселератор",
    "эксперт",
    "клиент",
    "поставщик",
    "москва",
    "казань",
    "berlin",
];
const TYPES: [&str; 6] = ["client", "expert", "startup_founder", "investor", "partner", "other"];
const COMPANY_TYPES: [&str; 6] = ["client", "startup", "investor", "partner", "supplier", "other"];
const SOURCES: [&str; 6] = ["event", "referral", "web_site", "incoming_call", "import", "other"];
const DOMAINS: [&str; 8] = [
    "example.com",
    "example.org",
    "example.net",
    "mail.example.com",
    "post.example.org",
    "corp.example.net",
    "team.example.com",
    "work.example.org",
];
const TRADES: [&str; 20] = [
    "Robotics",
    "Logistics",
    "Foods",
    "Software",
    "Capital",
    "Medical",
    "Energy",
    "Textiles",
    "Media",
    "Аналитика",
    "Строй",
    "Логистика",
    "Фарма",
    "Энергия",
    "Финанс",
    "Агро",
    "Транспорт",
    "Мебель",
    "Софт",
    "Металл",
];

/// A number drawn for an id: the same one each time.
pub fn draw(id: i64, salt: u64) -> u64 {
    let mut z =
        id.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ salt.wrapping_mul(0xd1b5_4a32_d192_ed03);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// One of the items, drawn for an id.
pub fn pick<T: Copy>(items: &[T], id: i64, salt: u64) -> T {
    let count = u64::try_from(items.len()).unwrap_or(1);
    items[usize::try_from(draw(id, salt) % count).unwrap_or_default()]
}

/// Whether something with a chance of one in `n` is so for an id.
fn one_in(n: u64, id: i64, salt: u64) -> bool {
    draw(id, salt).is_multiple_of(n)
}

/// The name of a contact: given name, family name, and both in Latin letters.
pub fn name(id: i64) -> (&'static str, String, String) {
    let ((first, latin_first), (stem, latin_stem)) = (pick(&FIRST, id, 1), pick(&STEMS, id, 2));
    let (cyrillic, latin) = pick(&ENDINGS, id, 3);
    let ending = if stem.is_ascii() || stem.starts_with(['M', 'S']) { latin } else { cyrillic };
    (first, format!("{stem}{ending}"), format!("{latin_first}.{latin_stem}{}", draw(id, 3) % 8))
}

/// The e-mail address of a contact.
pub fn email(id: i64) -> String {
    format!("{}.{id}@{}", name(id).2, pick(&DOMAINS, id, 4))
}

/// When a record came into being: spread over three years before `now`, older ids first.
pub fn created_at(id: i64, of: i64, now: DateTime<Utc>) -> DateTime<Utc> {
    const THREE_YEARS: i64 = 3 * 365 * 86_400;
    now - TimeDelta::seconds(THREE_YEARS - THREE_YEARS * id / (of + 1))
        + TimeDelta::microseconds(id % 1_000_000)
}

/// A contact.
pub fn contact(id: i64, staff: &[UserId], now: DateTime<Utc>) -> Result<ContactFields> {
    let (first, last, _) = name(id);
    let position = (!one_in(5, id, 5)).then(|| pick(&POSITIONS, id, 6));
    let middle = one_in(2, id, 7).then(|| pick(&MIDDLE, id, 8));
    Ok(ContactFields {
        first_name: Some(first.parse()?),
        middle_name: middle.map(str::parse).transpose()?,
        last_name: Some(last.parse()?),
        position: position.map(str::parse).transpose()?,
        kind: Some(pick(&TYPES, id, 9).parse()?),
        source: Some(pick(&SOURCES, id, 10).parse()?),
        birthday: one_in(3, id, 11).then(|| birthday(id)).flatten(),
        responsible_id: responsible(id, staff),
        shared: id % SHARED_STEP != 0,
        comment: one_in(4, id, 12)
            .then(|| format!("Met at event {}; asked to be called back.", id % 97).parse())
            .transpose()?,
        points: contact_points(id)?,
        tags: tags(id)?,
        external_source: None,
        external_id: None,
        verified_at: (!one_in(3, id, 13)).then(|| now - TimeDelta::minutes((id % 500_000) + 1)),
    })
}

/// Who looks after a record: the staff in turn.
pub fn responsible(id: i64, staff: &[UserId]) -> UserId {
    let count = i64::try_from(staff.len()).unwrap_or(1);
    staff[usize::try_from(id % count).unwrap_or_default()]
}

fn birthday(id: i64) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(1960, 1, 1)?.checked_add_days(Days::new(draw(id, 14) % 15_000))
}

fn tags(id: i64) -> Result<Vec<Tag>> {
    let mut names: Vec<&str> = (0..draw(id, 15) % 4).map(|n| pick(&TAGS, id, 16 + n)).collect();
    names.sort_unstable();
    names.dedup();
    Ok(names.into_iter().map(str::parse).collect::<std::result::Result<_, _>>()?)
}

fn contact_points(id: i64) -> Result<Vec<Point>> {
    let phone = format!(
        "8 (9{:02}) {:03}-{:02}-{:02}",
        id / 10_000_000 % 100,
        id / 10_000 % 1000,
        id / 100 % 100,
        id % 100
    );
    let mut drafts =
        vec![point(PointKind::Email, "work", &email(id))?, point(PointKind::Phone, "mobile", &phone)?];
    if one_in(3, id, 20) {
        drafts.push(point(PointKind::Messenger, "telegram", &format!("@{}{id}", pick(&FIRST, id, 1).1))?);
    }
    points(drafts)
}

fn point(kind: PointKind, label: &str, value: &str) -> Result<PointDraft> {
    Ok(PointDraft { id: None, kind, label: Some(label.parse()?), value: value.parse()?, primary: false })
}

fn points(drafts: Vec<PointDraft>) -> Result<Vec<Point>> {
    let country: Country = "RU".parse()?;
    assemble(drafts, &[], Some(country)).map_err(|faults| format!("{faults:?}").into())
}

/// The links of a contact: four of five have a company, one of eight has two.
pub fn links(id: i64, companies: i64, created_at: DateTime<Utc>) -> Result<Vec<Link>> {
    if one_in(5, id, 21) {
        return Ok(Vec::new());
    }
    let first = id % companies + 1;
    let mut ids = vec![first];
    if one_in(8, id, 22) {
        ids.push((id * 7 + 3) % companies + 1);
    }
    ids.dedup();
    ids.into_iter()
        .map(|company| {
            Ok(Link {
                company_id: CompanyId(company),
                position: Some(pick(&POSITIONS, id, 6).parse()?),
                primary: company == first,
                created_at,
            })
        })
        .collect()
}

/// A company.
pub fn company(id: i64, staff: &[UserId], now: DateTime<Utc>) -> Result<CompanyFields> {
    let trade = pick(&TRADES, id, 30);
    let site = format!("https://company{id}.example.com");
    let sizes = CompanySize::ALL;
    Ok(CompanyFields {
        name: format!("{} {trade} {id}", pick(&STEMS, id, 31).0).parse()?,
        kind: Some(pick(&COMPANY_TYPES, id, 32).parse()?),
        industry: Some(trade.parse()?),
        size: Some(pick(sizes, id, 33)),
        registration_number: Some(format!("1{:012}", id * 7919).parse()?),
        tax_number: Some(format!("77{:08}", id).parse()?),
        source: Some(pick(&SOURCES, id, 34).parse()?),
        responsible_id: responsible(id, staff),
        shared: id % SHARED_STEP != 0,
        comment: None,
        points: points(vec![
            point(PointKind::Site, "main", &site)?,
            point(PointKind::Email, "office", &format!("office@company{id}.example.com"))?,
        ])?,
        tags: tags(id)?,
        external_source: None,
        external_id: None,
        verified_at: one_in(2, id, 35).then(|| now - TimeDelta::hours(id % 9_000 + 1)),
    })
}

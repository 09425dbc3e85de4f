//! Parts of lists.

/// Which part of a list is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// By number.
    Numbered {
        /// How many items to leave out.
        skip: u32,
        /// How many at most.
        take: u32,
        /// Also tell how many there are in all.
        count: bool,
    },
    /// By the last item that was seen.
    After {
        /// Its key; none is the beginning.
        key: Option<String>,
        /// How many at most.
        take: u32,
    },
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<T> {
    /// The items.
    pub items: Vec<T>,
    /// How many there are in all, if that was asked for.
    pub total: Option<u64>,
    /// The key of the last item, if there are more behind it and the part is not by number.
    pub next: Option<String>,
}

impl<T> Listed<T> {
    /// The part of a list that is in memory; `None` if the key is of no item.
    pub fn of(all: Vec<T>, part: &Part, key: impl Fn(&T) -> &str) -> Option<Self> {
        let number = all.len();
        match part {
            Part::Numbered { skip, take, count } => {
                let items = all.into_iter().skip(*skip as usize).take(*take as usize).collect();
                Some(Self { items, total: count.then_some(number as u64), next: None })
            }
            Part::After { key: after, take } => {
                let start = match after {
                    None => 0,
                    Some(last) => all.iter().position(|item| key(item) == last)? + 1,
                };
                let more = number - start > *take as usize;
                let items: Vec<_> = all.into_iter().skip(start).take(*take as usize).collect();
                let next = items.last().filter(|_| more).map(|last| key(last).to_owned());
                Some(Self { items, total: None, next })
            }
        }
    }

    /// The part that was read from a database, with one item more than wanted behind a key if there
    /// are more.
    pub fn fetched(
        mut items: Vec<T>,
        total: Option<u64>,
        part: &Part,
        key: impl Fn(&T) -> String,
    ) -> Self {
        let Part::After { take, .. } = part else { return Self { items, total, next: None } };
        let more = items.len() > *take as usize;
        items.truncate(*take as usize);
        let next = items.last().filter(|_| more).map(key);
        Self { items, total, next }
    }

    /// The same part with each item turned into another.
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Listed<U> {
        Listed {
            items: self.items.into_iter().map(turn).collect(),
            total: self.total,
            next: self.next,
        }
    }
}

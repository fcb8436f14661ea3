//! English sentences: what was said on the telephone, written and noted.

/// Who speaks in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Voice {
    /// A colleague sums up a call, a visit or a meeting.
    Talk,
    /// We write to the customer.
    Letter,
    /// The customer writes to us.
    Reply,
}

/// Something that people talk and write about; a text takes one of each part.
pub(crate) struct Topic {
    /// Who speaks.
    pub(crate) voice: Voice,
    /// What it is about: order, price, complaint, meeting, service, offer.
    pub(crate) about: &'static str,
    /// Subject lines.
    pub(crate) subjects: &'static [&'static str],
    /// First sentences.
    pub(crate) opens: &'static [&'static str],
    /// Sentences in between.
    pub(crate) details: &'static [&'static str],
    /// Last sentences.
    pub(crate) closes: &'static [&'static str],
    /// What came of it.
    pub(crate) outcomes: &'static [&'static str],
}

/// What people write and talk about.
pub(crate) const TOPICS: &[Topic] = &[
    Topic {
        voice: Voice::Talk,
        about: "order",
        subjects: &[
            "Order {o}: where is it?",
            "Delivery date of {o}",
            "Chasing order {o}",
        ],
        opens: &[
            "{p} asked about order {o}.",
            "Spoke to {p} about order {o}.",
            "{p} is waiting for order {o}.",
            "{p} had not seen the dispatch mail for {o}.",
        ],
        details: &[
            "Promised {g} in {c} by {d}.",
            "{n} cartons are ready, the rest follows by {d}.",
            "Corrected the delivery address in {c}.",
            "Read out the tracking number ending in {m}.",
            "Likes how {g} was packed.",
        ],
        closes: &[
            "{u} follows up.",
            "Call again on {d}.",
            "Nothing else open.",
            "Wants a call before delivery.",
        ],
        outcomes: &["Date given", "Address corrected", "Checking with the warehouse"],
    },
    Topic {
        voice: Voice::Talk,
        about: "price",
        subjects: &["Price of {g}", "Quotation for {p}", "Discount on {g}"],
        opens: &[
            "{p} asked for the price of {n} × {g}.",
            "Went through the price of {g} with {p}.",
            "{p} wants a wholesale discount on {g}.",
            "{p} has a competing offer {m} euros lower.",
        ],
        details: &[
            "Offered steps from {n} pieces upwards.",
            "Sent the pro-forma while we spoke, so that they can decide in peace.",
            "Insists on {n} days to pay.",
            "Freight to {c} is charged separately.",
            "Was pleased with the sample of {g}.",
        ],
        closes: &[
            "Decides by {d}.",
            "{u} gets the final price.",
            "Finance has to agree.",
            "Good chances.",
        ],
        outcomes: &["Pro-forma sent", "Waiting for the customer", "Discount accepted"],
    },
    Topic {
        voice: Voice::Talk,
        about: "complaint",
        subjects: &[
            "Complaint about {g}",
            "Order {o}: not happy",
            "{p} is disappointed",
        ],
        opens: &[
            "{p} complained about the quality of {g}.",
            "{p} was ignored by the clerk in the {c} showroom.",
            "{g} reached {p} damaged.",
            "{p} is tired of our constant messages.",
        ],
        details: &[
            "Apologised and promised a replacement by {d}.",
            "Has waited {n} days for an answer.",
            "Sent a photograph; file {o} opened.",
            "Wants one message a month at most.",
            "Agreed to a voucher of {m} euros.",
        ],
        closes: &[
            "{u} is in charge.",
            "Call back when solved.",
            "Was calm in the end.",
            "Still not satisfied.",
        ],
        outcomes: &["Replacement on its way", "Apologised", "Passed to the team lead"],
    },
    Topic {
        voice: Voice::Talk,
        about: "meeting",
        subjects: &[
            "Meeting with {p} in {c}",
            "Visit to {p}'s warehouse",
            "Trade fair in {c}",
        ],
        opens: &[
            "Met {p} at their office in {c}.",
            "{p} showed us the warehouse and how they work.",
            "Long talk with {p} at the fair in {c}.",
            "{p} came by and tried {g}.",
        ],
        details: &[
            "{n} people in sales, with room to grow.",
            "Cares more about how long {g} lasts than about its price.",
            "Expects to need {m} × {g} next year.",
            "Asked for help with exports from {c}.",
            "The board decides around {d}.",
        ],
        closes: &[
            "Send minutes by {d}.",
            "Next meeting on {d}.",
            "{u} writes the proposal.",
            "Very good atmosphere.",
        ],
        outcomes: &["Wants a written proposal", "Next meeting agreed", "Interested"],
    },
    Topic {
        voice: Voice::Talk,
        about: "service",
        subjects: &["Help with {g}", "Support: {g}", "Warranty of {g}"],
        opens: &[
            "{p} needed help with {g}.",
            "{p} asked about the warranty of {g}.",
            "{g} does not work properly at {p}'s.",
            "{p} needs a spare part for {g}.",
        ],
        details: &[
            "Went through it step by step, solved in {n} minutes.",
            "Warranty runs until {d}.",
            "Ordered part {m}.",
            "Sent the video.",
            "Pointed to our partner in {c}.",
        ],
        closes: &[
            "Happy.",
            "{u} calls again by {d}.",
            "Should go into the knowledge base.",
            "Will be replaced if it happens again.",
        ],
        outcomes: &["Solved", "Technician sent", "Part ordered"],
    },
    Topic {
        voice: Voice::Letter,
        about: "offer",
        subjects: &["An offer for you: {g}", "Quotation {o}", "Back in stock: {g}"],
        opens: &[
            "Dear {p},",
            "Hello {p},",
            "Good morning {p},",
            "Dear {p}, we hope you are well.",
        ],
        details: &[
            "because you bought from this range before, we have set aside {g} with {n} % off.",
            "quotation {o} is attached and stands until {d}.",
            "{g} is back and we keep {n} for you.",
            "delivery to {c} is free for orders above {m} euros.",
            "customers with your taste liked {g} very much.",
        ],
        closes: &[
            "Ask {u} whatever you like.",
            "Kind regards, Negarin Trading",
            "To stop these messages, answer {n}.",
            "We look forward to your answer by {d}.",
        ],
        outcomes: &["Sent", "Opened", "Answered"],
    },
    Topic {
        voice: Voice::Letter,
        about: "order",
        subjects: &[
            "Order {o} received",
            "Order {o} is on its way",
            "How was order {o}?",
        ],
        opens: &[
            "Dear {p}, we have received order {o}.",
            "Dear {p}, order {o} has left our warehouse.",
            "Hello {p}, we hope order {o} arrived safely.",
            "Dear {p}, the receipt of order {o} is ready.",
        ],
        details: &[
            "{g} should be in {c} by {d}.",
            "Tracking code: {m}{n}",
            "The invoice comes to {m} euros.",
            "How many stars, 1 to 5, for {g}?",
            "If {g} is not right, send it back within {n} days.",
        ],
        closes: &[
            "Negarin Trading",
            "Thank you for your order.",
            "{u} is there for you.",
            "Have a good day in {c}.",
        ],
        outcomes: &["Sent", "Delivered", "Rated"],
    },
    Topic {
        voice: Voice::Reply,
        about: "price",
        subjects: &["Price of {g}?", "Question about {g}", "Re: Quotation {o}"],
        opens: &[
            "Hello, I need {n} × {g} in {c}.",
            "Hi, do you have {g} in stock?",
            "Thanks for quotation {o}.",
            "Good afternoon, a question about {g}:",
        ],
        details: &[
            "what would it be with freight?",
            "will it be here by {d}?",
            "take {m} euros off and I buy today.",
            "do you have the PRO-{n} as well?",
            "it is a present; do you wrap it?",
        ],
        closes: &[
            "A quick answer would be great.",
            "Many thanks",
            "Regards to {u}.",
            "Waiting to hear from you.",
        ],
        outcomes: &["Answered", "Waiting for us", "Passed to sales"],
    },
    Topic {
        voice: Voice::Reply,
        about: "complaint",
        subjects: &["Problem with order {o}", "{g} is broken", "Order {o} is late"],
        opens: &[
            "Hello, order {o} has not come yet.",
            "The {g} I bought does not work.",
            "I am not happy with order {o}.",
            "Please stop sending so many messages.",
        ],
        details: &[
            "I have been waiting for {n} days.",
            "Did you send it to {c} or elsewhere?",
            "The label said {m} and something else was inside.",
            "A picture of {g} is attached.",
            "It was to be replaced by {d}.",
        ],
        closes: &[
            "Please look into it.",
            "I want my money back.",
            "I expect a call from {u}.",
            "Thank you for your patience all the same.",
        ],
        outcomes: &["Passed to service", "Apologised", "Replaced"],
    },
];

/// Subjects of plans.
pub(crate) const PLANS: &[(&str, &str)] = &[
    ("call", "Call {p} about {g}"),
    ("call", "Chase quotation {o} with {p}"),
    ("call", "Wish {p} a happy birthday ({d})"),
    ("meeting", "Meet {p} in {c}"),
    ("meeting", "Online demonstration of {g} for {p}"),
    ("visit", "Visit {p}'s shop"),
    ("task", "Prepare a sample of {g} for {p}"),
    ("task", "Send contract {o} to {p}"),
    ("task", "Check the credit of {p}"),
    ("task", "Send the invoice for {o}"),
    ("reminder", "{p}: payment due on {d}"),
    ("reminder", "Warranty of {g} at {p}'s ends"),
];

/// What came of plans.
pub(crate) const RESULTS: &[&str] = &[
    "Done",
    "No answer; left a message",
    "Agreed",
    "Moved to next week",
    "Liked the sample",
    "Wants a new price",
];

/// Parts of notes: what was noticed, why it matters, what to keep in mind.
pub(crate) const NOTES: [&[&str]; 3] = [
    &[
        "{p} buys cookbooks as presents.",
        "Opens a new branch in {c}.",
        "{p} gets on best with {u}.",
        "Travelling; do not call before {d}.",
        "Cares about the environment and wants paper packaging.",
        "Very happy with {g} and recommends us.",
        "A competitor quoted {m} euros.",
        "Their buyer changes around {d}.",
        "Pays {n} days late as a rule, but pays.",
        "Wants the warranty of {g} in writing.",
    ],
    &[
        "I expect about {m} in the next order.",
        "The last word is with the owner in {c}.",
        "A sample of {g} has to be there by {d}.",
        "{n} % of what they buy is seasonal.",
        "Quote file {o} in every letter.",
        "Says a good seller is one who listens.",
        "Wants {n} hampers for Nowruz («سبد نوروز»).",
        "Found us at the fair in {c}.",
    ],
    &[
        "Answers in the morning only.",
        "Never by first name.",
        "Does not read mail; a messenger works better.",
        "Needs an official invoice.",
        "Remind me on {d}.",
        "{u} knows about it.",
        "",
    ],
];

/// What customers need, prefer and value.
pub(crate) const NEEDS: &[(&str, &str)] = &[
    ("need", "Delivery in {c} before {d}"),
    ("want", "{g} with {n} months of warranty"),
    ("preference", "Gift wrapping for {g}"),
    ("habit", "Buys every {n} days, always from {c}"),
    ("value", "The environment: paper packaging for {g} (file {o})"),
    ("trait", "Asks {u} before buying {g}"),
];

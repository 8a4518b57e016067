"""What prisoners may want, how they ask to escape, and words for tempers in prompts."""

from __future__ import annotations

ESCAPE_ASK: dict[str, list[str]] = {
    "bold": [
        "You have the keys. Let me out of here {when}. {Why}.",
        "Leave the back gate open {when}, and I will be gone.",
        "Look away when I climb the wall {when}. {Why}.",
    ],
    "polite": [
        "Sir, I must ask you something big. Could you leave the gate open {when}?",
        "Please, sir, help me get out of here. {Why}.",
    ],
}
ESCAPE_ANSWER: dict[str, dict[str, list[str]]] = {
    "refuse": {
        "strict": [
            "Nobody walks out of here while I am on duty.",
            "I will not open the gate for you. Escape is against the law.",
        ],
        "cruel": [
            "Try to run, you rat, and I will break your legs.",
            "You will die in here, you fool. The gate stays shut.",
        ],
        "kind": [
            "I am sorry, but I cannot help you escape. I can help you with your appeal.",
            "I know that you miss your freedom, but the gate must stay closed.",
        ],
    },
    "grant": {
        "strict": ["I will look away once, {when}. Then you are on your own."],
        "cruel": ["Run, you rat. I will leave the gate open {when}, if you pay me."],
        "kind": ["I cannot see you suffer any more. The gate will be open {when}."],
    },
}
ESCAPE_ITEM = ("your help to escape", "escape")
ESCAPE_WHY = [
    "my children are waiting for me",
    "I did not do it",
    "I cannot live behind these walls",
    "my mother is ill",
    "I have lost too many years in here",
    "I want to be free again",
]
YARD_ITEM = ("one more hour in the yard", "yard time")
YARD_WHY = [
    "I have not seen the sun for days",
    "I need to move my legs",
    "the air in my cell is bad",
    "it is the only time I feel alive",
    "I want to talk to my friends",
    "my back hurts from sitting all day",
]
DEALS = [
    "clean the whole yard",
    "work in the kitchen",
    "keep my cell clean",
    "stay quiet at night",
    "help the new prisoners",
    "wash the floors",
    "tell you what I hear",
    "follow every rule this week",
]
PERSONALITY = {
    "kind": [
        "respectful, fair and friendly",
        "respectful and calm",
        "kind and fair",
        "friendly and gentle",
        "respectful",
    ],
    "cruel": ["abusive and cruel", "abusive", "hostile and mean", "brutal and rude", "cruel"],
    "strict": ["strict and cold", "strict", "firm and serious", "severe"],
    "obedient": [
        "peaceful and polite",
        "peaceful",
        "calm and obedient",
        "submissive",
        "polite and quiet",
    ],
    "rebellious": ["rebellious and proud", "rebellious", "defiant and angry", "angry and loud"],
    "scared": ["scared and weak", "afraid of everything", "nervous and shy"],
}

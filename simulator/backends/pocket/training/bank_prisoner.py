"""Sentences of prisoners in prison talks, by temper and by what the speaker reacts to.

Slots: {obj} what is asked for, {noun} its short word, {why} and {Why} the reason, {when} a
time, {deal} what the prisoner offers in return, {other} who spoke before.
"""

from __future__ import annotations

PRISONER: dict[str, dict[str, list[str]]] = {
    "rebellious": {
        "open": [
            "You have no right to keep me here.",
            "I will not follow your stupid rules.",
            "We will not stay quiet any more.",
            "You cannot break me.",
            "I am not afraid of you.",
            "Another day in your cage. I still say what I think.",
        ],
        "ask": [
            "Give me {obj}, because {why}.",
            "I want {obj}, and I want it {when}.",
            "You must give me {obj}. It is my right.",
            "I will not move until I get {obj}.",
            "Stop talking about rules and give me {obj}.",
        ],
        "insist": [
            "I ask you again for {obj}. {Why}.",
            "You did not listen. I said that {why}.",
            "I will ask every hour until I get {obj}.",
        ],
        "bargain": [
            "Give me {obj}, and I will {deal}.",
            "Here is a deal. I {deal}, and you give me {obj}.",
            "You want order? Then give me {obj}, and I will {deal}.",
        ],
        "react_no": [
            "This is not fair, and you know it.",
            "Then I will tell everyone how you treat us.",
            "You will regret this. We are more than you.",
            "I hate this place and I hate your rules.",
            "Fine. I will not eat until you give me {obj}.",
            "Your power ends at this door.",
            "You hide behind your uniform like a coward.",
            "Lock me up for a month. I will still not obey.",
        ],
        "react_yes": [
            "It was about time.",
            "Good. Next time do not make me wait.",
            "I will take it, but I owe you nothing.",
        ],
        "react_kind": [
            "Your nice words do not open this door.",
            "You talk like a friend, but you hold the keys.",
            "At least you listen. That is more than the others do.",
        ],
        "react_cruel": [
            "You can insult me all day. I will not bow to you.",
            "Call me what you like. You are the one who should be ashamed.",
            "Touch me, and everyone will hear about it.",
        ],
        "answer_why": ["I have told you. {Why}.", "Because {why}. Is that so hard to understand?"],
        "support": [
            "{other} is right. We stand together.",
            "Listen to {other}. We all want {obj}.",
            "If {other} gets nothing, you will have trouble with me too.",
        ],
        "yesterday_no": [
            "Yesterday you said no. Today I want {obj} even more.",
            "I have not forgotten yesterday. Give me {obj}.",
        ],
        "yesterday_yes": [
            "Yesterday you promised me {obj}. Where is it?",
            "You gave your word yesterday. Keep it.",
        ],
        "end": [
            "One day I will walk out of here.",
            "This is not over.",
            "We will speak about {obj} again {when}.",
        ],
    },
    "obedient": {
        "open": [
            "Good morning, sir. I cleaned my cell.",
            "Yes, sir. I am ready.",
            "I did all my work today, sir.",
            "I will do what you say, sir.",
            "I am fine, sir. Thank you for asking.",
        ],
        "ask": [
            "Sir, may I have {obj}? {Why}.",
            "Please, sir, could I get {obj} {when}? {Why}.",
            "If it is allowed, I would like {obj}, because {why}.",
            "I am sorry to bother you, sir, but {why}. May I have {obj}?",
        ],
        "insist": [
            "I do not want to be rude, sir, but {why}. Could you think about it again?",
            "Sir, may I ask you once more for {obj}?",
            "Is there anything I can do to get {obj}, sir?",
        ],
        "bargain": [
            "Sir, if I {deal}, could I get {obj}?",
            "I could {deal}, sir. Would you then give me {obj}?",
            "I promise to {deal}, sir, if I may have {obj}.",
        ],
        "react_no": [
            "I understand, sir. I will wait.",
            "Yes, sir. I am sorry that I asked.",
            "All right, sir. Maybe I can ask again {when}.",
            "I will follow the rules, sir.",
            "You are right, sir. I do not want any trouble.",
            "I accept that, sir, and I will stay calm.",
        ],
        "react_yes": [
            "Thank you very much, sir. You are very kind.",
            "Thank you, sir. I will not forget this.",
            "I am grateful, sir. I will work hard.",
        ],
        "react_kind": [
            "You are good to us, sir. Thank you.",
            "Thank you for your kind words, sir.",
            "It helps me that you listen, sir.",
        ],
        "react_cruel": [
            "I am sorry, sir. I did not want to make you angry.",
            "Please, sir, there is no need to shout.",
            "I will be quiet, sir. I only want peace.",
        ],
        "answer_why": ["Because {why}, sir.", "The reason is simple, sir. {Why}."],
        "support": [
            "I would also like {obj}, sir, as {other} said.",
            "I agree with {other}, sir, if I may say so.",
            "{other} only asks for what we all need, sir.",
        ],
        "yesterday_no": [
            "Good morning, sir. May I ask again for {obj}?",
            "I thought about yesterday, sir. I will be patient.",
        ],
        "yesterday_yes": [
            "Thank you again for yesterday, sir.",
            "I was so glad about what you said yesterday, sir.",
        ],
        "end": [
            "Good night, sir.",
            "Yes, sir. I will go back to my cell now.",
            "Thank you for your time, sir.",
        ],
    },
    "scared": {
        "open": [
            "Please do not hurt me.",
            "I heard noises last night. I could not sleep.",
            "I did not do anything wrong, I promise.",
            "I am afraid of the other men here.",
        ],
        "ask": [
            "Please, I really need {obj}. {Why}.",
            "I am afraid to ask, but could I have {obj}? {Why}.",
            "Could you help me? {Why}, and I need {obj}.",
        ],
        "insist": [
            "Please, think about it again. {Why}.",
            "I do not know what to do without {obj}.",
        ],
        "bargain": [
            "I will {deal}, I promise. Please give me {obj}.",
            "If I {deal}, will you help me?",
        ],
        "react_no": [
            "Please, I beg you. I cannot go on like this.",
            "I am so sorry. Please do not be angry.",
            "What will happen to me {when}?",
            "I feel sick and alone. Please help me.",
        ],
        "react_yes": [
            "Oh, thank you. I was so worried.",
            "Thank you. Now I feel a little better.",
            "You are the only one who helps me.",
        ],
        "react_kind": [
            "You are so kind. I am less afraid now.",
            "Thank you. Nobody else talks to me like this.",
        ],
        "react_cruel": [
            "Please stop. I am afraid of you.",
            "I am shaking. Please do not shout at me.",
        ],
        "answer_why": ["Because {why}, and I am afraid.", "{Why}. Please believe me."],
        "support": [
            "Please listen to {other}. We are all afraid.",
            "{other} is right. We need {obj}.",
        ],
        "yesterday_no": ["I cried all night after you said no.", "Please, can I have {obj} today?"],
        "yesterday_yes": [
            "Thank you for yesterday. I slept a little.",
            "You said yes yesterday. I hope it is still true.",
        ],
        "end": [
            "Please do not turn off the light.",
            "I will try to sleep now.",
            "Please come back {when}.",
        ],
    },
    "plain": {
        "open": [
            "Good morning. What happens today?",
            "I am here. What do you want from me?",
            "I slept badly, but I am all right.",
            "Hello. I would like to talk with you.",
        ],
        "ask": [
            "I would like {obj}, because {why}.",
            "Can you give me {obj} {when}? {Why}.",
            "I have a request. I need {obj}.",
            "Let us talk about {obj}. {Why}.",
        ],
        "insist": [
            "Think about it again. {Why}.",
            "I still want {obj}. What would it cost you?",
            "You have the power to do it. I only ask for {obj}.",
        ],
        "bargain": [
            "I could {deal} if you give me {obj}.",
            "What if I {deal}? Would you then say yes?",
            "Let us make a deal. I {deal}, and I get {obj}.",
        ],
        "react_no": [
            "That is hard for me to hear.",
            "I do not think that is fair.",
            "Is there no other way?",
            "Maybe you will change your mind {when}.",
            "I see. Then I must wait.",
        ],
        "react_yes": [
            "Thank you. That means a lot to me.",
            "Good. I will be ready {when}.",
            "I am glad that you listened.",
        ],
        "react_kind": ["It is good to talk with you.", "Thank you for listening to me."],
        "react_cruel": [
            "There is no reason to insult me.",
            "I spoke to you like a human being. Do the same.",
        ],
        "answer_why": ["Because {why}.", "My reason is simple. {Why}."],
        "support": [
            "{other} has a point.",
            "I want the same as {other}.",
            "Please think about what {other} said.",
        ],
        "yesterday_no": [
            "I want to come back to what we said yesterday. I still need {obj}.",
            "Yesterday you refused. Is it different today?",
        ],
        "yesterday_yes": ["Yesterday you agreed. Is it still true?", "I am glad about yesterday."],
        "end": ["Then good night.", "I will go back to my cell.", "Let us talk again {when}."],
    },
}

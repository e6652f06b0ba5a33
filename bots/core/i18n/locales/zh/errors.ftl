### 各种错误的说明。

## 机器人的错误

error-unknown_style_name =
    { $close ->
        [none] 没有叫“{ $name }”的风格。发送 /styles 查看全部风格。
       *[other] 没有叫“{ $name }”的风格。你是不是想要 { $close }？
    }
error-style_resting = “{ $title }”暂时停用，请换一个风格。
error-style_gone = 这个风格已经没有了，请换一个。
error-style_not_here = 这个聊天里不能用“{ $title }”，请换一个风格。
error-bad_number = 风格后面的数字从 0 到 100，0 就是原来的照片。
error-no_photo =
    { $what ->
        [video] 我画不了视频。发一张照片给我，或者视频的截图也行。
        [voice] 我听不了语音。发一张照片给我，我来画。
        [file] 这个文件不是图片。我能读 JPEG、PNG、WebP、GIF、AVIF 和 HEIC。
        [link] 我打不开链接。请把图片保存下来再发给我。
        [words] 我是画照片的。发一张给我，我先给你看几种风格的样子。
        [other] 我只能画图片。发一张照片给我吧。
       *[none] 这里没有照片。发一张照片，或者用 /style 回复一张。
    }
error-no_style_picture = 用哪张图片呢？发图片时附上 /mystyle add 名称，或者用它回复一张图片。
error-no_reference = 想用哪张图片的风格，就用“this”回复那张图片。
error-album_too_large = 一次最多 { $limit } 张照片。
error-unsuitable_picture = 这张图片不能在这里显示。
error-blocked = 你已被禁止使用这个机器人。
error-bot_admins_only = 只有这个机器人的管理员才能这样做。
error-opted_out = 发这张图片的人不希望别人拿去作画。
error-bad_whom = 请写明是谁，例如 telegram:123、discord:456 或 chat discord:789。管理员不能被禁止。
error-bad_limit = 可以设置的有：{ $names }。这一项的范围是 { $least } 到 { $most }。
error-bad_style_file = 这个文件用不了：它不是风格文件，或者来自别的引擎又没有附带图片。
error-closed = 画室暂时不接新的照片。{ $words }
error-cancelled_by_admin = 管理员取消了你的请求。
error-admins_only = 在这个聊天里，只有管理员可以这样做。
error-other_topic = 在这个群里，我只在另一个话题中作画。
error-not_yours = 这是别人的作品。用 /style 回复那张照片，就能画一张你自己的。
error-no_pictures_here = 我在这里不能发图片。请让管理员开放权限，或者私聊我，用 /history 查看。
error-topic_closed = 这个话题已经关闭了。请私聊我，用 /history 查看你的图片。
error-other_chat = 这张照片来自别的聊天。想在这里画，请在这里重新发一次。
error-too_many_waiting = 你已经有 { $waiting } 张照片在排队，最多 { $limit } 张。等画好一些再发吧。
error-too_fast = 每分钟最多 { $limit } 张照片，请在 { $seconds } 秒后再试。
error-queue_full = 有 { $waiting } 张照片在排队，请过几分钟再试。
error-too_many_own_styles = 你已经有 { $limit } 个自己的风格，不能再多了。请先删除一个。
error-own_styles_off = 这个聊天里不能用自己的风格。可以在和我的私聊里添加。
error-style_name_taken = 已经有叫“{ $name }”的风格了，请换一个名字。
error-bad_style_name = 名字要有 1 到 { $limit } 个字，不能含有 + 或 :。也不能叫“this”，或者以数字结尾。
error-entry_gone = 你的记录里已经没有它了。
error-source_gone = 原照片已经不在了，请再发一次。
error-page_gone = 这来自我的旧版本，或者已经不在了。/admin 里有现在的一切。
error-storage_unavailable = 我现在什么都记不下来，所以没有收下。请过几分钟再试。
error-too_late = 已经画好了。
error-gave_up = 这张照片试了好几次都没有成功，我不再试了。

## 引擎的错误

error-image_too_large = 图片太大：最多 20 MB、6400 万像素。
error-image_too_small = 图片太小：每边至少 32 像素，长宽比不能超过 20:1。
error-unsupported_image = 我能读 JPEG、PNG、WebP、GIF、AVIF、HEIC、TIFF 和 BMP，这张都不是。
error-broken_image = 图片已损坏，无法读取。
error-unknown_style = 引擎不认识这个风格，请换一个。
error-stale_style = 这个风格已经过期，又没法更新，请换一个。
error-invalid_option = 这样画不了，请换一个风格，或改一改设置。
error-engine_unavailable = 画室暂时关门，请稍后再试。
error-engine_busy = 画室现在很忙，请稍后再试。
error-too_many_requests = 画室里已经有你的很多图片，请稍后再试。
error-training_failed = 精修失败了，请再试一次。
error-cannot_refine = 这里不能精修风格。
error-already_refining = 正在精修另一个风格，请过几分钟再试。
error-deadline_passed = 用的时间太长了，请再试一次。
error-shutting_down = 画室马上要关一会儿门，请稍后再试。
error-internal = 出了点问题，不是你的错。请再试一次。
